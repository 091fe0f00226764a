#include "api/aws/elbv2/attributes.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<ModifyListenerAttributesOutput>> modify_listener_attributes(
    Context& context, const ModifyListenerAttributesInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY_VOID(find_listener(book, *in.ListenerArn));
  auto* kept = book.listeners.edit(*in.ListenerArn);
  const Attributes known = attributes_of(kept->value);
  for (const ListenerAttribute& one : in.Attributes) {
    CO_TRY_VOID(set_attribute(known, "Listener", one.Key.value_or(""), one.Value.value_or(""),
                              kept->attributes));
  }
  ModifyListenerAttributesOutput out;
  out.Attributes = all_attributes<ListenerAttribute>(known, kept->attributes);
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return out;
}

}  // namespace weir::amazon::elbv2
