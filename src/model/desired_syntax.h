// desired_syntax: what the texts of a config must look like. Pure; any thread.
//
// Each check answers with a complaint, or nothing. They judge the form alone: no name is resolved,
// no file is opened.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/checks.h"

namespace weir::syntax {

using config::Verdict;

// host:port, [v6]:port or unix:/path, taken apart.
struct Address {
  std::string host;  // without brackets; empty for a Unix socket
  std::uint16_t port = 0;
  std::string path;  // of a Unix socket
  bool is_ip = false;
  bool operator==(const Address&) const = default;
};
// nullopt where the checks below complain.
std::optional<Address> split_address(const std::string& text);
// Two binds that would take the same connections: same port, and the same or a wildcard address.
bool overlap(const Address& a, const Address& b);
bool is_loopback(const Address& address);

Verdict bind_address(const std::string& text);      // IP:PORT or unix:/path
Verdict endpoint_address(const std::string& text);  // IP:PORT, NAME:PORT or unix:/path
Verdict resource_name(const std::string& text);     // letters, digits, '-' and '_', at most 64
Verdict host_pattern(const std::string& text);
Verdict path_pattern(const std::string& text);
Verdict method(const std::string& text);
Verdict header_name(const std::string& text);
Verdict source_block(const std::string& text);
Verdict retry_cause(const std::string& text);    // connect-failure, unanswered, 5xx, 429, ...
Verdict budget_key(const std::string& text);     // source, route or header:NAME
Verdict health_code(const std::string& text);    // 200 or 200-399
Verdict url_path(const std::string& text);       // starts with '/', no spaces
Verdict hash_key(const std::string& text);       // header:NAME, cookie:NAME, path, source
Verdict url(const std::string& text);            // http://host/path, or https
Verdict file_path(const std::string& text);      // not a folder
Verdict socket_path(const std::string& text);    // absolute and short enough for a Unix socket
Verdict variable_name(const std::string& text);  // of the environment
Verdict wall_time(const std::string& text);      // 2026-12-24T08:00:00Z
Verdict media_type(const std::string& text);
Verdict placeholders(const std::string& text);  // each #{...} is a known one
Verdict regex(const std::string& text);
Verdict cookie_name(const std::string& text);
Verdict header_value(const std::string& text);

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  bool contains(std::uint16_t port) const { return port >= first && port <= last; }
  std::uint32_t size() const { return std::uint32_t{last} - first + 1; }
  bool operator==(const PortRange&) const = default;
};
std::optional<PortRange> split_ports(const std::string& text);
Verdict port_range(const std::string& text);  // 20000-29999

bool is_prime(std::uint32_t n);
std::uint32_t next_prime(std::uint32_t n);  // the first at or above n

}  // namespace weir::syntax
