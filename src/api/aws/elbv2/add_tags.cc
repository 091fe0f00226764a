#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/settings.h"
#include "api/aws/elbv2/tags.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<AddTagsOutput>> add_tags(Context& context, const AddTagsInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  for (const std::string& arn : in.ResourceArns) {
    CO_TRY(auto* tags, tags_to_edit(book, arn));
    CO_TRY_VOID(set_tags(in.Tags, *tags));
  }
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return AddTagsOutput();
}

}  // namespace weir::amazon::elbv2
