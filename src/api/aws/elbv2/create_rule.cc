#include <fmt/format.h>

#include "api/aws/elbv2/actions.h"
#include "api/aws/elbv2/conditions.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/names.h"
#include "api/aws/elbv2/settings.h"
#include "api/aws/world.h"
#include "api/aws/world/arn.h"

namespace weir::amazon::elbv2 {
namespace {

Reply<void> check_free(const ElbBook& book, const std::string& listener, std::int64_t priority) {
  Reply<void> good;
  each_below(book.rules, rule_prefix(listener), [&](const std::string&, const Kept<Rule>& rule) {
    if (priority_of(rule.value) != priority) return;
    good = refuse("PriorityInUse", fmt::format("Priority '{}' is currently in use", priority));
  });
  return good;
}

}  // namespace

Task<Reply<CreateRuleOutput>> create_rule(Context& context, const CreateRuleInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY(const auto* listener, find_listener(book, *in.ListenerArn));
  CO_TRY(const auto* balancer, find_load_balancer(book, *listener->value.LoadBalancerArn));
  if (is_network(balancer->value)) {
    co_return refuse("InvalidConfigurationRequest",
                     "Rules are not supported with network load balancers");
  }
  CO_TRY_VOID(check_free(book, *in.ListenerArn, *in.Priority));
  Kept<Rule> kept;
  Rule& made = kept.value;
  CO_TRY(made.Conditions, checked_conditions(in.Conditions));
  CO_TRY(made.Actions, checked_actions(book, *listener->value.Protocol, in.Actions));
  CO_TRY(made.Transforms, checked_transforms(in.Transforms));
  made.Priority = std::to_string(*in.Priority);
  made.IsDefault = false;
  made.RuleArn = rule_prefix(*in.ListenerArn) + draw_hex(16);
  kept.made = context.now;
  CO_TRY_VOID(set_tags(in.Tags, kept.tags));
  CreateRuleOutput out;
  out.Rules.push_back(made);
  book.rules.put(*out.Rules.front().RuleArn, std::move(kept));
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return out;
}

}  // namespace weir::amazon::elbv2
