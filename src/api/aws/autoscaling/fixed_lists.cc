// What is the same for everybody.
#include "api/aws/autoscaling/parts.h"
#include "api/aws/autoscaling/service.h"

namespace weir::amazon::autoscaling {

Task<Reply<DescribeAccountLimitsOutput>> describe_account_limits(
    Context& context, const DescribeAccountLimitsInput&) {
  const auto& book = context.world.book<AutoScalingBook>(context.tenant);
  DescribeAccountLimitsOutput out;
  out.MaxNumberOfAutoScalingGroups = 10000;
  out.MaxNumberOfLaunchConfigurations = 10000;
  out.NumberOfAutoScalingGroups = static_cast<std::int64_t>(all_groups(context).size());
  out.NumberOfLaunchConfigurations = static_cast<std::int64_t>(book.configurations.size());
  return out;
}

Task<Reply<DescribeLifecycleHookTypesOutput>> describe_lifecycle_hook_types(
    Context&, const DescribeLifecycleHookTypesInput&) {
  DescribeLifecycleHookTypesOutput out;
  out.LifecycleHookTypes = {"autoscaling:EC2_INSTANCE_LAUNCHING",
                            "autoscaling:EC2_INSTANCE_TERMINATING"};
  return out;
}

Task<Reply<DescribeScalingProcessTypesOutput>> describe_scaling_process_types(
    Context&, const DescribeScalingProcessTypesInput&) {
  DescribeScalingProcessTypesOutput out;
  for (const char* name :
       {"AZRebalance", "AddToLoadBalancer", "AlarmNotification", "HealthCheck", "InstanceRefresh",
        "Launch", "ReplaceUnhealthy", "ScheduledActions", "Terminate"}) {
    out.Processes.push_back({.ProcessName = name});
  }
  return out;
}

Task<Reply<DescribeTerminationPolicyTypesOutput>> describe_termination_policy_types(
    Context&, const DescribeTerminationPolicyTypesInput&) {
  DescribeTerminationPolicyTypesOutput out;
  out.TerminationPolicyTypes = {"AllocationStrategy",
                                "ClosestToNextInstanceHour",
                                "Default",
                                "NewestInstance",
                                "OldestInstance",
                                "OldestLaunchConfiguration",
                                "OldestLaunchTemplate"};
  return out;
}

Task<Reply<DescribeMetricCollectionTypesOutput>> describe_metric_collection_types(
    Context&, const DescribeMetricCollectionTypesInput&) {
  DescribeMetricCollectionTypesOutput out;
  for (const char* name : {"GroupMinSize",
                           "GroupMaxSize",
                           "GroupDesiredCapacity",
                           "GroupInServiceInstances",
                           "GroupPendingInstances",
                           "GroupStandbyInstances",
                           "GroupTerminatingInstances",
                           "GroupTotalInstances",
                           "GroupInServiceCapacity",
                           "GroupPendingCapacity",
                           "GroupStandbyCapacity",
                           "GroupTerminatingCapacity",
                           "GroupTotalCapacity",
                           "WarmPoolDesiredCapacity",
                           "WarmPoolWarmedCapacity",
                           "WarmPoolPendingCapacity",
                           "WarmPoolTerminatingCapacity",
                           "WarmPoolTotalCapacity",
                           "GroupAndWarmPoolDesiredCapacity",
                           "GroupAndWarmPoolTotalCapacity"}) {
    out.Metrics.push_back({.Metric = name});
  }
  out.Granularities.push_back({.Granularity = "1Minute"});
  return out;
}

}  // namespace weir::amazon::autoscaling
