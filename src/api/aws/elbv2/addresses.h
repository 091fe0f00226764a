// Addresses of load balancers: the first of `aws.addresses` that no load balancer of any tenant
// has. Pure.
#pragma once

#include <optional>
#include <string>

#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

// nullopt: all are taken. `books`: of the tenant, as they are being changed.
std::optional<std::string> free_address(const World& world, const Books& books);

}  // namespace weir::amazon::elbv2
