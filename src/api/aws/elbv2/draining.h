// Targets that were deregistered: draining for their group's deregistration delay. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/aws/elbv2/book.h"

namespace weir::amazon::elbv2 {

bool is_drained(const Kept<TargetGroup>& group, const Kept<TargetDescription>& target,
                WallTime now);
// Of all groups.
void forget_drained(ElbBook& book, WallTime now);

std::optional<std::int64_t> port_of_address(const std::string& address);

}  // namespace weir::amazon::elbv2
