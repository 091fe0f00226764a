#include "model/ticket.h"

#include <array>
#include <chrono>
#include <cstring>

namespace weir {
namespace {

// Name, second of expiry, signature.
constexpr std::size_t kBytes = 8 + 4 + 8;
constexpr std::size_t kLetters = (kBytes * 4 + 2) / 3;
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using Bytes20 = std::array<unsigned char, kBytes>;

constexpr auto kValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}();

std::string encoded(const Bytes20& bytes) {
  std::string out;
  out.reserve(kLetters);
  std::uint32_t bits = 0;
  int count = 0;
  for (const unsigned char byte : bytes) {
    bits = bits << 8 | byte;
    count += 8;
    while (count >= 6) {
      count -= 6;
      out += kAlphabet[bits >> count & 63];
    }
  }
  if (count > 0) out += kAlphabet[bits << (6 - count) & 63];
  return out;
}

// One text for each value: what a lenient reader would take as well is refused.
std::optional<Bytes20> decoded(std::string_view text) {
  if (text.size() != kLetters) return std::nullopt;
  Bytes20 bytes{};
  std::uint32_t bits = 0;
  int count = 0;
  std::size_t at = 0;
  for (const char c : text) {
    const std::int8_t value = kValues[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[at++] = static_cast<unsigned char>(bits >> count);
  }
  if ((bits & ((1u << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

std::uint64_t signature(const SipKey& key, std::string_view scope, const Bytes20& bytes) {
  std::string text(reinterpret_cast<const char*>(bytes.data()), 12);
  return siphash(key, text.append("ticket ").append(scope));
}

std::int64_t second_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

std::uint64_t ticket_name(const SipKey& key, std::string_view text) {
  const std::uint64_t name = siphash(key, std::string("name ").append(text));
  return name == 0 ? 1 : name;
}

std::string write_ticket(const SipKey& key, std::string_view scope, std::uint64_t name,
                         WallTime expires) {
  Bytes20 bytes{};
  const auto second = static_cast<std::uint32_t>(second_of(expires));
  std::memcpy(bytes.data(), &name, 8);
  std::memcpy(bytes.data() + 8, &second, 4);
  const std::uint64_t sign = signature(key, scope, bytes);
  std::memcpy(bytes.data() + 12, &sign, 8);
  return encoded(bytes);
}

std::optional<std::uint64_t> read_ticket(const SipKey& key, std::string_view scope,
                                         std::string_view text, WallTime now) {
  const auto bytes = decoded(text);
  if (!bytes) return std::nullopt;
  std::uint64_t name = 0, sign = 0;
  std::uint32_t second = 0;
  std::memcpy(&name, bytes->data(), 8);
  std::memcpy(&second, bytes->data() + 8, 4);
  std::memcpy(&sign, bytes->data() + 12, 8);
  if (sign != signature(key, scope, *bytes) || second_of(now) >= second) return std::nullopt;
  return name;
}

}  // namespace weir
