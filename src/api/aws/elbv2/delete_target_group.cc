#include <fmt/format.h>

#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/settings.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<DeleteTargetGroupOutput>> delete_target_group(Context& context,
                                                         const DeleteTargetGroupInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  const std::string& arn = *in.TargetGroupArn;
  if (!book.target_groups.contains(arn)) co_return DeleteTargetGroupOutput();  // as AWS has it
  if (users_of_groups(book).contains(arn)) {
    co_return refuse(
        "ResourceInUse",
        fmt::format("Target group '{}' is currently in use by a listener or a rule", arn));
  }
  erase_below(book.targets, target_prefix(arn));
  erase_below(book.draining, target_prefix(arn));
  book.target_groups.erase(arn);
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return DeleteTargetGroupOutput();
}

}  // namespace weir::amazon::elbv2
