#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/tags.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<RemoveTagsOutput>> remove_tags(Context& context, const RemoveTagsInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  for (const std::string& arn : in.ResourceArns) {
    CO_TRY(auto* tags, tags_to_edit(book, arn));
    for (const std::string& key : in.TagKeys) tags->erase(key);
  }
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return RemoveTagsOutput();
}

}  // namespace weir::amazon::elbv2
