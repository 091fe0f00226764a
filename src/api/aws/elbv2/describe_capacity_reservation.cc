// weir reserves no capacity.
#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<DescribeCapacityReservationOutput>> describe_capacity_reservation(
    Context& context, const DescribeCapacityReservationInput& in) {
  const auto& book = context.world.book<ElbBook>(context.tenant);
  TRY_VOID(find_load_balancer(book, *in.LoadBalancerArn));
  return DescribeCapacityReservationOutput();
}

}  // namespace weir::amazon::elbv2
