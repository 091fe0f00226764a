// Conditions and transforms of rules: checked and completed as AWS answers them, and as weir's.
// Pure.
#pragma once

#include "api/aws/elbv2/book.h"
#include "model/desired.h"

namespace weir::amazon::elbv2 {

// As they are kept: values stand both in Values and in the field's own Config, where it has both
// spellings.
Reply<ListOf<RuleCondition>> checked_conditions(ListOf<RuleCondition> conditions);
Reply<ListOf<RuleTransform>> checked_transforms(ListOf<RuleTransform> transforms);

Match match_of(const ListOf<RuleCondition>& conditions);
Rewrite rewrite_of(const ListOf<RuleTransform>& transforms);
// The same for conditions that hold alike.
std::string text_of(const Match& match);

}  // namespace weir::amazon::elbv2
