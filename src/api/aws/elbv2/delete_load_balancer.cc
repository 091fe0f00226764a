#include <fmt/format.h>

#include <vector>

#include "api/aws/elbv2/attributes.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/settings.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<DeleteLoadBalancerOutput>> delete_load_balancer(Context& context,
                                                           const DeleteLoadBalancerInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  const std::string& arn = *in.LoadBalancerArn;
  const auto* kept = book.load_balancers.find(arn);
  if (kept == nullptr) co_return DeleteLoadBalancerOutput();  // as AWS has it
  if (is_on(attributes_of(kept->value), kept->attributes, "deletion_protection.enabled")) {
    co_return refuse("OperationNotPermitted",
                     fmt::format("Load balancer '{}' cannot be deleted because deletion protection "
                                 "is enabled",
                                 arn));
  }
  std::vector<std::string> listeners;
  each_below(book.listeners, listener_prefix(arn),
             [&](const std::string& key, const auto&) { listeners.push_back(key); });
  for (const std::string& listener : listeners) remove_listener(book, listener);
  book.load_balancers.erase(arn);
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return DeleteLoadBalancerOutput();
}

}  // namespace weir::amazon::elbv2
