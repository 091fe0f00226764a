#include <fmt/format.h>

#include "api/aws/elbv2/declared.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/page.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<DescribeLoadBalancersOutput>> describe_load_balancers(
    Context& context, const DescribeLoadBalancersInput& in) {
  const ElbBook book = visible(context);
  Rows<LoadBalancer> rows;
  if (in.LoadBalancerArns.empty() && in.Names.empty()) {
    for (const auto& [arn, kept] : book.load_balancers) rows.emplace_back(arn, &kept->value);
  }
  for (const std::string& arn : in.LoadBalancerArns) {
    TRY(const auto* kept, find_load_balancer(book, arn));
    rows.emplace_back(arn, &kept->value);
  }
  for (const std::string& name : in.Names) {
    const auto* kept = load_balancer_named(book, name);
    if (kept == nullptr) {
      return refuse("LoadBalancerNotFound", fmt::format("Load balancers '[{}]' not found", name));
    }
    rows.emplace_back(*kept->value.LoadBalancerArn, &kept->value);
  }
  DescribeLoadBalancersOutput out;
  TRY(out.NextMarker, page(rows, in.Marker, in.PageSize,
                           [&](const LoadBalancer& one) { out.LoadBalancers.push_back(one); }));
  return out;
}

}  // namespace weir::amazon::elbv2
