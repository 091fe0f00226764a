// Actions of rules and listeners: checked and completed as AWS answers them, and as weir's. Pure.
#pragma once

#include <string>

#include "api/aws/elbv2/book.h"
#include "api/aws/world.h"
#include "model/desired.h"

namespace weir::amazon::elbv2 {

// As they are kept: a forward names its groups in ForwardConfig, and in TargetGroupArn too where
// it is one. `protocol`: of the listener.
Reply<ListOf<Action>> checked_actions(const ElbBook& book, const std::string& protocol,
                                      ListOf<Action> actions);

weir::Action action_of(const Compiling& what, const ElbBook& book, const ListOf<Action>& actions);

// The name within weir of a group; "" where there is none with that ARN.
std::string group_name(const World& world, const Tenant& tenant, const ElbBook& book,
                       const std::string& arn);

}  // namespace weir::amazon::elbv2
