#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/settings.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<DeleteListenerOutput>> delete_listener(Context& context, const DeleteListenerInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY_VOID(find_listener(book, *in.ListenerArn));
  remove_listener(book, *in.ListenerArn);
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return DeleteListenerOutput();
}

}  // namespace weir::amazon::elbv2
