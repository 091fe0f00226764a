#include "model/ip.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace weir {
namespace {

constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;

}  // namespace

bool Ip::is_v4() const { return std::equal(std::begin(kMapped), std::end(kMapped), bytes.begin()); }

bool Cidr::contains(const Ip& ip) const {
  if (ip == Ip{}) return false;
  // ::/0 is all of IPv6, not IPv4 as well.
  if (bits < kMappedBits && ip.is_v4()) return false;
  const unsigned whole = bits / 8;
  if (!std::equal(base.bytes.begin(), base.bytes.begin() + whole, ip.bytes.begin())) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || (base.bytes[whole] ^ ip.bytes[whole]) >> (8 - rest) == 0;
}

Result<Ip> parse_ip(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN] = {};
  if (text.size() < sizeof buffer && text.find('\0') == text.npos) {
    std::copy(text.begin(), text.end(), buffer);
    Ip ip;
    if (inet_pton(AF_INET6, buffer, ip.bytes.data()) == 1) return ip;
    if (inet_pton(AF_INET, buffer, ip.bytes.data() + sizeof kMapped) == 1) {
      std::copy(std::begin(kMapped), std::end(kMapped), ip.bytes.begin());
      return ip;
    }
  }
  return fail(Code::invalid, fmt::format("'{}' is not an IPv4 or IPv6 address", text));
}

Result<Cidr> parse_cidr(std::string_view text) {
  const auto slash = text.find('/');
  TRY(Ip ip, parse_ip(text.substr(0, slash)));
  Cidr block{ip, 128};
  if (slash == text.npos) return block;

  const bool v4 = ip.is_v4() && text.substr(0, slash).find(':') == text.npos;
  const unsigned most = v4 ? 32 : 128;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (bad != std::errc{} || end != digits.data() + digits.size() || bits > most) {
    return fail(Code::invalid, fmt::format("'{}': the prefix length must be 0 to {}", text, most));
  }
  block.bits = static_cast<std::uint8_t>(v4 ? bits + kMappedBits : bits);
  for (unsigned i = 0; i < 16; ++i) {  // 10.1.2.3/8 is 10.0.0.0/8
    const unsigned kept = std::clamp(int{block.bits} - static_cast<int>(8 * i), 0, 8);
    block.base.bytes[i] &= static_cast<std::uint8_t>(0xff00u >> kept);
  }
  return block;
}

std::string to_string(const Ip& ip) {
  IpText text;
  return std::string(write_ip(ip, text));
}

std::string_view write_ip(const Ip& ip, IpText& text) {
  if (ip == Ip{}) return "";
  if (!ip.is_v4()) return inet_ntop(AF_INET6, ip.bytes.data(), text.data(), text.size());
  char* end = text.data();  // once a request: inet_ntop's printf would be felt
  for (std::size_t i = sizeof kMapped; i < ip.bytes.size(); ++i) {
    const unsigned byte = ip.bytes[i];
    if (byte >= 100) *end++ = static_cast<char>('0' + byte / 100);
    if (byte >= 10) *end++ = static_cast<char>('0' + byte / 10 % 10);
    *end++ = static_cast<char>('0' + byte % 10);
    *end++ = '.';
  }
  return {text.data(), static_cast<std::size_t>(end - 1 - text.data())};
}

std::string to_string(const Cidr& block) {
  const bool v4 = block.base.is_v4() && block.bits >= kMappedBits;
  const std::string base = block.base == Ip{} ? "::" : to_string(block.base);
  return fmt::format("{}/{}", base, v4 ? block.bits - kMappedBits : block.bits);
}

}  // namespace weir
