#include "api/aws/elbv2/actions.h"
#include "api/aws/elbv2/conditions.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<ModifyRuleOutput>> modify_rule(Context& context, const ModifyRuleInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY_VOID(find_rule(book, *in.RuleArn));
  CO_TRY(const auto* listener, find_listener(book, listener_of_rule(*in.RuleArn)));
  Rule changed = book.rules.find(*in.RuleArn)->value;
  if (!in.Conditions.empty()) {
    CO_TRY(changed.Conditions, checked_conditions(in.Conditions));
  }
  if (!in.Actions.empty()) {
    CO_TRY(changed.Actions, checked_actions(book, *listener->value.Protocol, in.Actions));
  }
  if (in.ResetTransforms.value_or(false)) {
    if (!in.Transforms.empty()) {
      co_return refuse("ValidationError", "You cannot specify both Transforms and ResetTransforms");
    }
    changed.Transforms = {};
  } else if (!in.Transforms.empty()) {
    CO_TRY(changed.Transforms, checked_transforms(in.Transforms));
  }
  book.rules.edit(*in.RuleArn)->value = changed;
  ModifyRuleOutput out;
  out.Rules.push_back(std::move(changed));
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return out;
}

}  // namespace weir::amazon::elbv2
