// All of them at once: what is swapped is never in use twice.
#include <fmt/format.h>

#include <set>

#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {
namespace {

Reply<void> check_priorities(const ElbBook& book, const std::string& listener) {
  Reply<void> good;
  std::set<std::string> seen;
  each_below(book.rules, rule_prefix(listener), [&](const std::string&, const Kept<Rule>& rule) {
    const std::string priority = rule.value.Priority.value_or("");
    if (seen.insert(priority).second) return;
    good = refuse("PriorityInUse", fmt::format("Priority '{}' is currently in use", priority));
  });
  return good;
}

}  // namespace

Task<Reply<SetRulePrioritiesOutput>> set_rule_priorities(Context& context,
                                                         const SetRulePrioritiesInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  SetRulePrioritiesOutput out;
  std::set<std::string> listeners;
  for (const RulePriorityPair& pair : in.RulePriorities) {
    const std::string arn = pair.RuleArn.value_or("");
    CO_TRY_VOID(find_rule(book, arn));
    if (!pair.Priority) co_return refuse("ValidationError", "A priority must be specified");
    Rule& rule = book.rules.edit(arn)->value;
    rule.Priority = std::to_string(*pair.Priority);
    listeners.insert(listener_of_rule(arn));
    out.Rules.push_back(rule);
  }
  for (const std::string& listener : listeners) CO_TRY_VOID(check_priorities(book, listener));
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return out;
}

}  // namespace weir::amazon::elbv2
