#include "api/aws/elbv2/attributes.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<ModifyLoadBalancerAttributesOutput>> modify_load_balancer_attributes(
    Context& context, const ModifyLoadBalancerAttributesInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY_VOID(find_load_balancer(book, *in.LoadBalancerArn));
  auto* kept = book.load_balancers.edit(*in.LoadBalancerArn);
  const Attributes known = attributes_of(kept->value);
  for (const LoadBalancerAttribute& one : in.Attributes) {
    CO_TRY_VOID(set_attribute(known, "Load balancer", one.Key.value_or(""), one.Value.value_or(""),
                              kept->attributes));
  }
  ModifyLoadBalancerAttributesOutput out;
  out.Attributes = all_attributes<LoadBalancerAttribute>(known, kept->attributes);
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return out;
}

}  // namespace weir::amazon::elbv2
