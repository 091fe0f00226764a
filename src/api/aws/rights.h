// rights: what an access key may do, in the words of IAM's actions. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "aws/dispatch.h"
#include "control/access_keys.h"

namespace weir::amazon {

// The services that actions name: elasticloadbalancing, cloudwatch, ...
std::span<const std::string_view> action_services();
// elasticloadbalancing:CreateRule
std::string action_of(const aws::Target& target);
// arn:aws:iam::123456789012:user/ci
std::string user_arn(std::string_view account, std::string_view name);

// Why it may not; nothing where it may. `reads`: the operation changes nothing. The target has an
// operation.
std::optional<std::string> why_not(const control::AccessKey& key, const aws::Target& target,
                                   bool reads);

}  // namespace weir::amazon
