#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<SetSecurityGroupsOutput>> set_security_groups(Context& context,
                                                         const SetSecurityGroupsInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY_VOID(find_load_balancer(book, *in.LoadBalancerArn));
  auto* kept = book.load_balancers.edit(*in.LoadBalancerArn);
  kept->value.SecurityGroups = in.SecurityGroups;
  SetSecurityGroupsOutput out;
  out.SecurityGroupIds = in.SecurityGroups;
  // Of traffic that does not exist here: it is kept.
  if (in.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic) {
    kept->value.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic =
        in.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic;
  }
  out.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic =
      kept->value.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic;
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return out;
}

}  // namespace weir::amazon::elbv2
