// Arn: how AWS names a resource, arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE; and the ids that it
// draws. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir::amazon {

struct Tenant;

struct Arn {
  std::string service;   // elasticloadbalancing
  std::string region;    // empty for iam
  std::string account;   // 12 digits
  std::string resource;  // targetgroup/web/73e2d6bc24d8a067; may hold ':'

  bool operator==(const Arn&) const = default;
};

std::string to_string(const Arn& arn);
// nullopt: it is none.
std::optional<Arn> parse_arn(std::string_view text);
std::string make_arn(std::string_view service, const Tenant& tenant, std::string resource);

// Hexadecimal digits by chance, as AWS ends its ids: vpc-0a1b2c3d4e5f60718 has 17.
std::string draw_hex(std::size_t digits);
// The same for the same text: of what a file declares.
std::string hex_of(std::string_view text, std::size_t digits);

// The name that a resource has within weir, where names are letters, digits, '-' and '_' and there
// are no tenants: its own where it is one of the home tenant; else with the region behind it, and
// with a digest where it holds other characters or is longer than 63.
std::string weir_name(std::string_view name, std::string_view region_if_not_home);

}  // namespace weir::amazon
