#include "api/aws/elbv2/declared.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/group_settings.h"
#include "api/aws/elbv2/page.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

Task<Reply<DescribeTargetGroupsOutput>> describe_target_groups(
    Context& context, const DescribeTargetGroupsInput& in) {
  const ElbBook book = visible(context);
  const Users users = users_of_groups(book);
  Rows<TargetGroup> rows;
  if (in.LoadBalancerArn) {
    TRY_VOID(find_load_balancer(book, *in.LoadBalancerArn));
    for (const auto& [arn, balancers] : users) {
      const auto* kept = book.target_groups.find(arn);
      if (kept && balancers.contains(*in.LoadBalancerArn)) rows.emplace_back(arn, &kept->value);
    }
  } else if (in.TargetGroupArns.empty() && in.Names.empty()) {
    for (const auto& [arn, kept] : book.target_groups) rows.emplace_back(arn, &kept->value);
  }
  for (const std::string& arn : in.TargetGroupArns) {
    TRY(const auto* kept, find_target_group(book, arn));
    rows.emplace_back(arn, &kept->value);
  }
  for (const std::string& name : in.Names) {
    const auto* kept = target_group_named(book, name);
    if (kept == nullptr) {
      return refuse("TargetGroupNotFound", "One or more target groups not found");
    }
    rows.emplace_back(*kept->value.TargetGroupArn, &kept->value);
  }
  DescribeTargetGroupsOutput out;
  TRY(out.NextMarker, page(rows, in.Marker, in.PageSize, [&](const TargetGroup& one) {
        out.TargetGroups.push_back(with_users(one, users));
      }));
  return out;
}

}  // namespace weir::amazon::elbv2
