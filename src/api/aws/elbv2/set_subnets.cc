#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/settings.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<SetSubnetsOutput>> set_subnets(Context& context, const SetSubnetsInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<ElbBook>();
  CO_TRY_VOID(find_load_balancer(book, *in.LoadBalancerArn));
  auto* kept = book.load_balancers.edit(*in.LoadBalancerArn);
  if (in.EnablePrefixForIpv6SourceNat.value_or("off") != "off") {
    co_return refuse("ValidationError", "EnablePrefixForIpv6SourceNat is not supported here");
  }
  if (in.IpAddressType) CO_TRY_VOID(check_ip_address_type(*in.IpAddressType));
  CO_TRY(kept->value.AvailabilityZones, zones_of_subnets(context, draft.books(), in.Subnets,
                                                         in.SubnetMappings, kept->value.VpcId));
  SetSubnetsOutput out;
  out.AvailabilityZones = kept->value.AvailabilityZones;
  out.IpAddressType = kept->value.IpAddressType;
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return out;
}

}  // namespace weir::amazon::elbv2
