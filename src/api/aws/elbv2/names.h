// What load balancers, listeners, rules and targets are called, within weir and at AWS. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/aws/elbv2/book.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

// What AWS's default means here: the older ones allow TLS 1.0, which weir does not speak.
inline constexpr std::string_view kDefaultPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06";

// Within weir: NAME-PORT.
std::string listener_name(const World& world, const Tenant& tenant, const LoadBalancer& balancer,
                          std::int64_t port);
std::int32_t priority_of(const Rule& rule);
// Where weir reaches a target: ADDRESS:PORT.
std::string target_address(const Kept<TargetDescription>& target);
// "" where it may be anywhere.
std::string zone_of_target(const Kept<TargetDescription>& target);

}  // namespace weir::amazon::elbv2
