#include "api/aws/elbv2/subnets.h"

#include "api/aws/world/arn.h"

namespace weir::amazon::elbv2 {

std::optional<std::string> zone_of_subnet(const World& world, const Tenant& tenant, const Books&,
                                          std::string_view id) {
  if (!world.control().desired().aws.adopt_unknown || id.empty()) return std::nullopt;
  return tenant.region + static_cast<char>('a' + hex_of(id, 1).front() % 3);
}

std::optional<std::string> vpc_of_subnet(const World& world, const Tenant& tenant, const Books&,
                                         std::string_view) {
  if (!world.control().desired().aws.adopt_unknown) return std::nullopt;
  return "vpc-" + hex_of(tenant.account + tenant.region, 17);
}

}  // namespace weir::amazon::elbv2
