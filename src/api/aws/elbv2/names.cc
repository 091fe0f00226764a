#include "api/aws/elbv2/names.h"

#include <fmt/format.h>

#include <charconv>

namespace weir::amazon::elbv2 {

std::string listener_name(const World& world, const Tenant& tenant, const LoadBalancer& balancer,
                          std::int64_t port) {
  return world.name(tenant, fmt::format("{}-{}", balancer.LoadBalancerName.value_or(""), port));
}

std::int32_t priority_of(const Rule& rule) {
  const std::string text = rule.Priority.value_or("");
  std::int32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string target_address(const Kept<TargetDescription>& target) {
  const auto known = target.attributes.find(kAddress);
  if (known != target.attributes.end()) return known->second;
  const std::string id = target.value.Id.value_or("");
  const std::int64_t port = target.value.Port.value_or(0);
  return id.find(':') == id.npos ? fmt::format("{}:{}", id, port)
                                 : fmt::format("[{}]:{}", id, port);
}

std::string zone_of_target(const Kept<TargetDescription>& target) {
  const std::string zone = target.value.AvailabilityZone.value_or("");
  return zone == "all" ? "" : zone;
}

}  // namespace weir::amazon::elbv2
