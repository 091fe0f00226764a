#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<DeleteRuleOutput>> delete_rule(Context& context, const DeleteRuleInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  const std::string& arn = *in.RuleArn;
  const auto* listener = book.listeners.find(listener_of_rule(arn));
  if (listener != nullptr && default_rule(listener->value).RuleArn == arn) {
    co_return refuse("OperationNotPermitted", "Default rule '" + arn + "' cannot be deleted");
  }
  CO_TRY_VOID(find_rule(book, arn));
  book.rules.erase(arn);
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return DeleteRuleOutput();
}

}  // namespace weir::amazon::elbv2
