// Target groups out of what a caller says: AWS's defaults, and what goes with what. Pure.
#pragma once

#include <optional>
#include <string>

#include "api/aws/elbv2/book.h"
#include "api/aws/elbv2/find.h"

namespace weir::amazon::elbv2 {

struct CheckSettings {
  std::optional<bool> enabled;
  std::optional<std::string> protocol;
  std::optional<std::string> port;
  std::optional<std::string> path;
  std::optional<std::int64_t> interval;
  std::optional<std::int64_t> timeout;
  std::optional<std::int64_t> healthy;
  std::optional<std::int64_t> unhealthy;
  std::optional<aws::elbv2::Matcher> matcher;
};

// Complete but for its ARN.
Reply<TargetGroup> group_of_input(const CreateTargetGroupInput& in);
// What is given takes the place of what `group` has; then it must fit.
Reply<void> set_check(const CheckSettings& wanted, TargetGroup& group);
// As Describe answers it: with the load balancers that forward to it.
TargetGroup with_users(const TargetGroup& group, const Users& users);

}  // namespace weir::amazon::elbv2
