#include "api/aws/elbv2/declared.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/page.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<DescribeListenersOutput>> describe_listeners(Context& context,
                                                        const DescribeListenersInput& in) {
  const ElbBook book = visible(context);
  Rows<Listener> rows;
  if (in.LoadBalancerArn) {
    TRY_VOID(find_load_balancer(book, *in.LoadBalancerArn));
    each_below(book.listeners, listener_prefix(*in.LoadBalancerArn),
               [&](const std::string& arn, const Kept<Listener>& kept) {
                 rows.emplace_back(arn, &kept.value);
               });
  } else if (in.ListenerArns.empty()) {
    return refuse("ValidationError",
                  "You must specify either listener ARNs or a load balancer ARN");
  }
  for (const std::string& arn : in.ListenerArns) {
    TRY(const auto* kept, find_listener(book, arn));
    rows.emplace_back(arn, &kept->value);
  }
  DescribeListenersOutput out;
  TRY(out.NextMarker, page(rows, in.Marker, in.PageSize,
                           [&](const Listener& one) { out.Listeners.push_back(one); }));
  return out;
}

}  // namespace weir::amazon::elbv2
