// There is one type: nothing is to be changed.
#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/settings.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<SetIpAddressTypeOutput>> set_ip_address_type(Context& context,
                                                        const SetIpAddressTypeInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY_VOID(find_load_balancer(book, *in.LoadBalancerArn));
  CO_TRY_VOID(check_ip_address_type(*in.IpAddressType));
  SetIpAddressTypeOutput out;
  out.IpAddressType = in.IpAddressType;
  co_return out;
}

}  // namespace weir::amazon::elbv2
