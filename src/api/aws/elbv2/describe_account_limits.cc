// What weir is meant to carry; none of it is counted. The page is one.
#include <utility>

#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {
namespace {

constexpr std::pair<const char*, const char*> kLimits[] = {
    {"target-groups", "3000"},
    {"targets-per-application-load-balancer", "100000"},
    {"listeners-per-application-load-balancer", "50"},
    {"rules-per-application-load-balancer", "10000"},
    {"network-load-balancers", "1000"},
    {"targets-per-network-load-balancer", "100000"},
    {"targets-per-availability-zone-per-network-load-balancer", "100000"},
    {"listeners-per-network-load-balancer", "50"},
    {"condition-values-per-alb-rule", "50"},
    {"condition-wildcards-per-alb-rule", "50"},
    {"target-groups-per-action-on-application-load-balancer", "5"},
    {"target-groups-per-action-on-network-load-balancer", "1"},
    {"target-id-registrations-per-application-load-balancer", "100000"},
    {"certificates-per-application-load-balancer", "1000"},
    {"certificates-per-network-load-balancer", "1000"},
    {"targets-per-target-group", "10000"},
    {"application-load-balancers", "1000"},
};

}  // namespace

Task<Reply<DescribeAccountLimitsOutput>> describe_account_limits(
    Context&, const DescribeAccountLimitsInput&) {
  DescribeAccountLimitsOutput out;
  for (const auto& [name, most] : kLimits) out.Limits.push_back({.Name = name, .Max = most});
  return out;
}

}  // namespace weir::amazon::elbv2
