// Subnets of load balancers, as the zones that they are. Pure. Stands in for ec2's lookup.h, whose
// functions have these names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

// nullopt: there is no such subnet. Where `aws.adopt_unknown` says so, there is any.
std::optional<std::string> zone_of_subnet(const World& world, const Tenant& tenant,
                                          const Books& books, std::string_view id);
std::optional<std::string> vpc_of_subnet(const World& world, const Tenant& tenant,
                                         const Books& books, std::string_view id);

}  // namespace weir::amazon::elbv2
