// Target groups of an Auto Scaling group, under both of their names.
#include "api/aws/autoscaling/parts.h"
#include "api/aws/autoscaling/service.h"

namespace weir::amazon::autoscaling {
namespace {

Task<Reply<void>> change_targets(Context& context, std::string group, std::vector<std::string> arns,
                                 bool attach) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY_VOID(check_changeable(context, group));
  auto& mine = draft.books().edit<AutoScalingBook>().groups.edit(group)->value.TargetGroupARNs;
  for (const std::string& arn : arns) {
    const auto found = std::ranges::find(mine, arn);
    if (attach) {
      const std::string name = target_group_name(context.world, context.tenant, arn);
      if (!context.world.control().desired().target_groups.contains(name)) {
        co_return tl::unexpected(
            invalid("Provided Target Groups may not be valid. Please ensure they exist and try "
                    "again. Not found: " +
                    arn));
      }
      if (found == mine.end()) mine.push_back(arn);
    } else if (found != mine.end()) {
      mine.erase(found);
    } else {
      co_return tl::unexpected(invalid("Provided Target Groups are not attached: " + arn));
    }
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return Reply<void>();
}

std::vector<std::string> identifiers(const std::vector<TrafficSourceIdentifier>& all) {
  std::vector<std::string> arns;
  for (const TrafficSourceIdentifier& one : all) arns.push_back(*one.Identifier);
  return arns;
}

// Attached ones are in service where an instance of the group is.
std::string target_state(const Context& context, const AutoScalingGroup& group) {
  const bool checks = group.HealthCheckType == "ELB";
  for (const Instance& one : instances_of(context, group, false)) {
    if (checks && one.LifecycleState == "InService" && one.HealthStatus == "Healthy") {
      return "InService";
    }
  }
  return "Added";
}

}  // namespace

Task<Reply<AttachLoadBalancerTargetGroupsOutput>> attach_load_balancer_target_groups(
    Context& context, const AttachLoadBalancerTargetGroupsInput& in) {
  auto changing = change_targets(context, *in.AutoScalingGroupName, in.TargetGroupARNs, true);
  CO_TRY_VOID(co_await changing);
  co_return AttachLoadBalancerTargetGroupsOutput();
}

Task<Reply<DetachLoadBalancerTargetGroupsOutput>> detach_load_balancer_target_groups(
    Context& context, const DetachLoadBalancerTargetGroupsInput& in) {
  auto changing = change_targets(context, *in.AutoScalingGroupName, in.TargetGroupARNs, false);
  CO_TRY_VOID(co_await changing);
  co_return DetachLoadBalancerTargetGroupsOutput();
}

Task<Reply<AttachTrafficSourcesOutput>> attach_traffic_sources(
    Context& context, const AttachTrafficSourcesInput& in) {
  for (const TrafficSourceIdentifier& one : in.TrafficSources) {
    if (one.Type.value_or("elbv2") != "elbv2") {
      co_return tl::unexpected(invalid("Traffic sources must be of the type elbv2"));
    }
  }
  auto changing =
      change_targets(context, *in.AutoScalingGroupName, identifiers(in.TrafficSources), true);
  CO_TRY_VOID(co_await changing);
  co_return AttachTrafficSourcesOutput();
}

Task<Reply<DetachTrafficSourcesOutput>> detach_traffic_sources(
    Context& context, const DetachTrafficSourcesInput& in) {
  auto changing =
      change_targets(context, *in.AutoScalingGroupName, identifiers(in.TrafficSources), false);
  CO_TRY_VOID(co_await changing);
  co_return DetachTrafficSourcesOutput();
}

Task<Reply<DescribeLoadBalancerTargetGroupsOutput>> describe_load_balancer_target_groups(
    Context& context, const DescribeLoadBalancerTargetGroupsInput& in) {
  TRY(const auto kept, find_group(context, *in.AutoScalingGroupName));
  DescribeLoadBalancerTargetGroupsOutput out;
  const std::string state = target_state(context, kept.value);
  for (const std::string& arn : kept.value.TargetGroupARNs) {
    out.LoadBalancerTargetGroups.push_back({.LoadBalancerTargetGroupARN = arn, .State = state});
  }
  TRY_VOID(page(out.LoadBalancerTargetGroups, in.NextToken, in.MaxRecords, out.NextToken, 100));
  return out;
}

Task<Reply<DescribeTrafficSourcesOutput>> describe_traffic_sources(
    Context& context, const DescribeTrafficSourcesInput& in) {
  TRY(const auto kept, find_group(context, *in.AutoScalingGroupName));
  DescribeTrafficSourcesOutput out;
  const std::string state = target_state(context, kept.value);
  if (in.TrafficSourceType.value_or("elbv2") != "elbv2") return out;
  for (const std::string& arn : kept.value.TargetGroupARNs) {
    out.TrafficSources.push_back(
        {.TrafficSource = arn, .State = state, .Identifier = arn, .Type = "elbv2"});
  }
  TRY_VOID(page(out.TrafficSources, in.NextToken, in.MaxRecords, out.NextToken, 50));
  return out;
}

}  // namespace weir::amazon::autoscaling
