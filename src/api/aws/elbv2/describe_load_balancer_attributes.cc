#include "api/aws/elbv2/attributes.h"
#include "api/aws/elbv2/declared.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<DescribeLoadBalancerAttributesOutput>> describe_load_balancer_attributes(
    Context& context, const DescribeLoadBalancerAttributesInput& in) {
  const ElbBook book = visible(context);
  TRY(const auto* kept, find_load_balancer(book, *in.LoadBalancerArn));
  DescribeLoadBalancerAttributesOutput out;
  out.Attributes =
      all_attributes<LoadBalancerAttribute>(attributes_of(kept->value), kept->attributes);
  return out;
}

}  // namespace weir::amazon::elbv2
