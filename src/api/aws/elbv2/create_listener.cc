#include <fmt/format.h>

#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/listener_settings.h"
#include "api/aws/elbv2/names.h"
#include "api/aws/elbv2/settings.h"
#include "api/aws/world.h"
#include "api/aws/world/arn.h"

namespace weir::amazon::elbv2 {

Task<Reply<CreateListenerOutput>> create_listener(Context& context, const CreateListenerInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY(const auto* balancer, find_load_balancer(book, *in.LoadBalancerArn));
  Kept<Listener> kept;
  Listener& made = kept.value;
  made.LoadBalancerArn = in.LoadBalancerArn;
  CO_TRY_VOID(set_listener(draft.books(),
                           {.port = in.Port,
                            .protocol = in.Protocol,
                            .policy = in.SslPolicy,
                            .alpn = &in.AlpnPolicy,
                            .certificates = &in.Certificates,
                            .actions = &in.DefaultActions,
                            .mutual = in.MutualAuthentication},
                           made));
  const std::string own = listener_name(context.world, context.tenant, balancer->value, *made.Port);
  if (context.world.control().desired().listeners.contains(own) &&
      !context.world.has_made(&Desired::listeners, own)) {
    co_return refuse("DuplicateListener",
                     fmt::format("A file declares a listener with the name '{}'", own));
  }
  made.ListenerArn = listener_prefix(*in.LoadBalancerArn) + draw_hex(16);
  kept.made = context.now;
  CO_TRY_VOID(set_tags(in.Tags, kept.tags));
  CreateListenerOutput out;
  out.Listeners.push_back(made);
  book.listeners.put(*out.Listeners.front().ListenerArn, std::move(kept));
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return out;
}

}  // namespace weir::amazon::elbv2
