#include "net/proxy_protocol.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>

namespace weir::net {
namespace {

constexpr std::string_view kV1 = "PROXY ";
constexpr std::string_view kV2("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kMaxV1 = 107;  // with its line feed
constexpr std::size_t kV2Fixed = 16;

ProxyParse bad(const char* reason) {
  ProxyParse parse;
  parse.kind = ProxyParse::Kind::bad;
  parse.reason = reason;
  return parse;
}

ProxyParse done(std::size_t length, ProxyHeader header = {}) {
  ProxyParse parse;
  parse.kind = ProxyParse::Kind::done;
  parse.length = length;
  parse.header = header;
  return parse;
}

// Is one the start of the other?
bool agree(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  return a.substr(0, common) == b.substr(0, common);
}

// ---------------------------------------------------------------- version 1

// Up to the next space, which goes too; nothing when it is empty.
std::string_view word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view first = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return first;
}

std::optional<std::uint16_t> port_of(std::string_view digits) {
  std::uint16_t port = 0;
  if (digits.empty() || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return port;
}

std::optional<Address> address_of(int family, std::string_view host, std::string_view port) {
  std::uint8_t bytes[16] = {};
  const auto number = port_of(port);
  if (!number || ::inet_pton(family, std::string(host).c_str(), bytes) != 1) return std::nullopt;
  return family == AF_INET ? Address::v4(bytes, *number) : Address::v6(bytes, *number);
}

ProxyParse parse_v1(std::string_view bytes) {
  const std::size_t end = bytes.substr(0, kMaxV1).find('\n');
  if (end == bytes.npos) {
    return bytes.size() < kMaxV1 ? ProxyParse{} : bad("the PROXY line has no end");
  }
  std::string_view line = bytes.substr(0, end);
  if (!line.ends_with('\r')) return bad("the PROXY line does not end in CR LF");
  line.remove_suffix(1);
  if (line.find('\0') != line.npos) return bad("the PROXY line has a zero byte");
  line.remove_prefix(kV1.size());
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return done(end + 1);
  if (std::count(line.begin(), line.end(), ' ') != 4) {
    return bad("the PROXY line does not have four fields");
  }
  const std::string_view protocol = word(line);
  const int family = protocol == "TCP4" ? AF_INET : protocol == "TCP6" ? AF_INET6 : AF_UNSPEC;
  if (family == AF_UNSPEC) return bad("the PROXY line is of an unknown protocol");
  const std::string_view from = word(line);
  const std::string_view to = word(line);
  const std::string_view from_port = word(line);
  const auto source = address_of(family, from, from_port);
  const auto destination = address_of(family, to, line);
  if (!source || !destination) return bad("the PROXY line has an address that is none");
  return done(end + 1, ProxyHeader{*source, *destination});
}

// ---------------------------------------------------------------- version 2

std::uint16_t number_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(bytes[at]) << 8 |
                                    static_cast<std::uint8_t>(bytes[at + 1]));
}

ProxyParse parse_v2(std::string_view bytes) {
  if (bytes.size() < kV2Fixed) return {};
  const auto version = static_cast<std::uint8_t>(bytes[12]);
  const auto family = static_cast<std::uint8_t>(bytes[13]);
  const std::size_t length = number_at(bytes, 14);
  if (version >> 4 != 2) return bad("the PROXY header is of an unknown version");
  if ((version & 0xf) > 1) return bad("the PROXY header has an unknown command");
  if (kV2Fixed + length > kMaxProxyHeader) return bad("the PROXY header is too long");
  if (bytes.size() < kV2Fixed + length) return {};
  const bool local = (version & 0xf) == 0;
  const std::string_view addresses = bytes.substr(kV2Fixed, length);
  // LOCAL, and a client that is none: the rest does not matter. Unix sockets have no address here.
  if (local || family == 0x00) return done(kV2Fixed + length);
  if (family == 0x31) {
    return length < 216 ? bad("the PROXY header is too short") : done(kV2Fixed + length);
  }
  if (family != 0x11 && family != 0x21) return bad("the PROXY header is of an unknown protocol");
  const std::size_t size = family == 0x11 ? 4 : 16;
  if (length < 2 * size + 4) return bad("the PROXY header is too short");
  const auto make = family == 0x11 ? &Address::v4 : &Address::v6;
  const auto* raw = reinterpret_cast<const std::uint8_t*>(addresses.data());
  return done(kV2Fixed + length, ProxyHeader{make(raw, number_at(addresses, 2 * size)),
                                             make(raw + size, number_at(addresses, 2 * size + 2))});
}

bool is_ip(const Address& address) {
  return address.family() == AF_INET || address.family() == AF_INET6;
}

}  // namespace

ProxyParse parse_proxy_header(std::string_view bytes) {
  if (bytes.size() >= kV1.size() && bytes.starts_with(kV1)) return parse_v1(bytes);
  if (bytes.size() >= kV2.size() && bytes.starts_with(kV2)) return parse_v2(bytes);
  if (agree(bytes, kV1) || agree(bytes, kV2)) return {};
  return bad("the connection does not begin with a PROXY header");
}

std::string proxy_header_v1(const Address& source, const Address& destination) {
  if (!is_ip(source) || !is_ip(destination)) return "PROXY UNKNOWN\r\n";
  const bool v4 = source.family() == AF_INET && destination.family() == AF_INET;
  // As ::ffff:192.0.2.1 where the other is an IPv6 address.
  const auto host = [v4](const Address& address) {
    return (v4 || address.family() == AF_INET6 ? "" : "::ffff:") + address.host();
  };
  return std::string("PROXY ") + (v4 ? "TCP4 " : "TCP6 ") + host(source) + ' ' + host(destination) +
         ' ' + std::to_string(source.port()) + ' ' + std::to_string(destination.port()) + "\r\n";
}

std::string proxy_header_v2(const Address& source, const Address& destination) {
  std::string out(kV2);
  const auto number = [&out](std::size_t value) {
    out += static_cast<char>(value >> 8);
    out += static_cast<char>(value & 0xff);
  };
  if (!is_ip(source) || !is_ip(destination)) {
    out += '\x20';
    out += '\0';
    number(0);
    return out;
  }
  const bool v4 = source.family() == AF_INET && destination.family() == AF_INET;
  out += '\x21';
  out += v4 ? '\x11' : '\x21';
  number(v4 ? 12 : 36);
  for (const Address* address : {&source, &destination}) {
    std::uint8_t bytes[16];
    address->ip(bytes);
    const std::size_t skip = v4 ? 12 : 0;
    out.append(reinterpret_cast<const char*>(bytes) + skip, sizeof bytes - skip);
  }
  number(source.port());
  number(destination.port());
  return out;
}

}  // namespace weir::net
