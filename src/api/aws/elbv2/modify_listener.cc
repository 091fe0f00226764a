#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/listener_settings.h"
#include "api/aws/elbv2/settings.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<ModifyListenerOutput>> modify_listener(Context& context, const ModifyListenerInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY_VOID(find_listener(book, *in.ListenerArn));
  Listener changed = book.listeners.find(*in.ListenerArn)->value;
  CO_TRY_VOID(set_listener(draft.books(),
                           {.port = in.Port,
                            .protocol = in.Protocol,
                            .policy = in.SslPolicy,
                            .alpn = &in.AlpnPolicy,
                            .certificates = &in.Certificates,
                            .actions = &in.DefaultActions,
                            .mutual = in.MutualAuthentication},
                           changed));
  auto* kept = book.listeners.edit(*in.ListenerArn);
  if (changed.Protocol != kept->value.Protocol) kept->attributes.clear();
  kept->value = changed;
  if (changed.Certificates.empty()) {
    erase_below(book.certificates, certificate_prefix(*in.ListenerArn));
  }
  ModifyListenerOutput out;
  out.Listeners.push_back(std::move(changed));
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return out;
}

}  // namespace weir::amazon::elbv2
