// Ip: an IPv4 or IPv6 address; Cidr: a block of them. IPv4 is kept as ::ffff:a.b.c.d.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir {

struct Ip {
  std::array<std::uint8_t, 16> bytes{};  // all zero: none (a Unix socket's peer)
  auto operator<=>(const Ip&) const = default;
  bool is_v4() const;
};

struct Cidr {
  Ip base;
  std::uint8_t bits = 128;  // of 128; an IPv4 /24 is 120
  bool contains(const Ip& ip) const;
  auto operator<=>(const Cidr&) const = default;
};

Result<Ip> parse_ip(std::string_view text);      // no port, no brackets, no zone
Result<Cidr> parse_cidr(std::string_view text);  // 10.0.0.0/8, ::1/128, or a single address
std::string to_string(const Ip& ip);             // "" for none
using IpText = std::array<char, 46>;             // room for any
std::string_view write_ip(const Ip& ip, IpText& text);
std::string to_string(const Cidr& block);

}  // namespace weir
