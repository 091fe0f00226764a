// Single instances of Auto Scaling groups, and what happened to them.
#include "api/aws/autoscaling/parts.h"
#include "api/aws/autoscaling/service.h"

namespace weir::amazon::autoscaling {
namespace {

Fault not_found(const std::string& instance) {
  return invalid(fmt::format("Instance Id not found - No managed instance found for instance ID {}",
                             instance));
}

// Out of service, by control's `standby` or `detach`.
using SetAside = Task<Result<>> (control::Control::*)(std::string, bool);

Task<Reply<std::vector<Activity>>> set_aside(Context& context, std::string group,
                                             std::vector<std::string> ids, bool decrement,
                                             SetAside act, std::string what) {
  std::vector<Activity> activities;
  for (const std::string& id : ids) CO_TRY_VOID(find_instance(context, group, id));
  for (const std::string& id : ids) {
    auto acting = (context.world.control().*act)(id, !decrement);
    const auto done = co_await acting;
    if (!done) co_return tl::unexpected(fault_of(done.error()));
    activities.push_back(activity(context, group, fmt::format("{}: {}", what, id),
                                  fmt::format("At {} instance {} was asked for by a user, {} "
                                              "decrementing the desired capacity",
                                              context.request_id, id, decrement ? "also" : "not")));
  }
  co_return activities;
}

}  // namespace

Task<Reply<DescribeAutoScalingInstancesOutput>> describe_auto_scaling_instances(
    Context& context, const DescribeAutoScalingInstancesInput& in) {
  DescribeAutoScalingInstancesOutput out;
  for (const auto& kept : all_groups(context)) {
    for (const Instance& one : instances_of(context, kept.value, false)) {
      const auto& ids = in.InstanceIds;
      if (!ids.empty() && std::ranges::find(ids, *one.InstanceId) == ids.end()) continue;
      AutoScalingInstanceDetails details;
      details.InstanceId = one.InstanceId;
      details.InstanceType = one.InstanceType;
      details.AutoScalingGroupName = kept.value.AutoScalingGroupName;
      details.AvailabilityZone = one.AvailabilityZone;
      details.LifecycleState = one.LifecycleState;
      details.HealthStatus = one.HealthStatus == "Healthy" ? "HEALTHY" : "UNHEALTHY";
      details.LaunchConfigurationName = one.LaunchConfigurationName;
      details.LaunchTemplate = one.LaunchTemplate;
      details.ProtectedFromScaleIn = one.ProtectedFromScaleIn;
      details.WeightedCapacity = one.WeightedCapacity;
      out.AutoScalingInstances.push_back(std::move(details));
    }
  }
  TRY_VOID(page(out.AutoScalingInstances, in.NextToken, in.MaxRecords, out.NextToken));
  return out;
}

Task<Reply<DescribeScalingActivitiesOutput>> describe_scaling_activities(
    Context& context, const DescribeScalingActivitiesInput& in) {
  DescribeScalingActivitiesOutput out;
  if (in.AutoScalingGroupName) {
    TRY_VOID(find_group(context, *in.AutoScalingGroupName));
    out.Activities = activities_of(context, *in.AutoScalingGroupName);
  } else {
    for (const auto& kept : all_groups(context)) {
      for (Activity& one : activities_of(context, *kept.value.AutoScalingGroupName)) {
        out.Activities.push_back(std::move(one));
      }
    }
  }
  if (!in.ActivityIds.empty()) {
    std::erase_if(out.Activities, [&](const Activity& one) {
      return std::ranges::find(in.ActivityIds, *one.ActivityId) == in.ActivityIds.end();
    });
  }
  TRY_VOID(page(out.Activities, in.NextToken, in.MaxRecords, out.NextToken, 100));
  return out;
}

Task<Reply<TerminateInstanceInAutoScalingGroupOutput>> terminate_instance_in_auto_scaling_group(
    Context& context, const TerminateInstanceInAutoScalingGroupInput& in) {
  const std::string group = group_of_instance(context, *in.InstanceId);
  if (group.empty()) co_return tl::unexpected(not_found(*in.InstanceId));
  auto& control = context.world.control();
  const bool decrement = *in.ShouldDecrementDesiredCapacity;
  if (decrement) {
    CO_TRY(const auto kept, find_group(context, group));
    const auto status = control.group_status(inner_name(context, group));
    if (status && status->desired <= status->min) {
      co_return tl::unexpected(invalid(fmt::format(
          "Currently, desiredSize equals minSize ({}). Terminating instance without replacement "
          "will violate group's min size constraint. Either set shouldDecrementDesiredCapacity "
          "flag to false or lower group's min size.",
          status->min)));
    }
    auto detaching = control.detach(*in.InstanceId, false);
    const auto done = co_await detaching;
    if (!done) co_return tl::unexpected(fault_of(done.error()));
  }
  if (const auto done = control.drain(*in.InstanceId); !done) {
    co_return tl::unexpected(fault_of(done.error()));
  }
  TerminateInstanceInAutoScalingGroupOutput out;
  out.Activity = activity(context, group, "Terminating EC2 instance: " + *in.InstanceId,
                          fmt::format("instance {} was taken out of service in response to a user "
                                      "request ({}).",
                                      *in.InstanceId, context.request_id));
  co_return std::move(out);
}

Task<Reply<SetInstanceHealthOutput>> set_instance_health(Context& context,
                                                         const SetInstanceHealthInput& in) {
  const std::string group = group_of_instance(context, *in.InstanceId);
  if (group.empty()) return tl::unexpected(not_found(*in.InstanceId));
  if (in.HealthStatus != "Unhealthy") return SetInstanceHealthOutput();
  TRY(const auto kept, find_group(context, group));
  TRY(const auto status, find_instance(context, group, *in.InstanceId));
  const auto grace = std::chrono::seconds(kept.value.HealthCheckGracePeriod.value_or(0));
  const bool spared =
      in.ShouldRespectGracePeriod.value_or(true) && context.now < status.launched + grace;
  if (spared) return SetInstanceHealthOutput();
  if (const auto done = context.world.control().drain(*in.InstanceId); !done) {
    return tl::unexpected(fault_of(done.error()));
  }
  return SetInstanceHealthOutput();
}

Task<Reply<SetInstanceProtectionOutput>> set_instance_protection(
    Context& context, const SetInstanceProtectionInput& in) {
  for (const std::string& id : in.InstanceIds) {
    CO_TRY_VOID(find_instance(context, *in.AutoScalingGroupName, id));
  }
  for (const std::string& id : in.InstanceIds) {
    auto protecting = context.world.control().protect(id, *in.ProtectedFromScaleIn);
    const auto done = co_await protecting;
    if (!done) co_return tl::unexpected(fault_of(done.error()));
  }
  co_return SetInstanceProtectionOutput();
}

Task<Reply<EnterStandbyOutput>> enter_standby(Context& context, const EnterStandbyInput& in) {
  auto acting = set_aside(context, *in.AutoScalingGroupName, in.InstanceIds,
                          *in.ShouldDecrementDesiredCapacity, &control::Control::standby,
                          "Moving EC2 instance to Standby");
  EnterStandbyOutput out;
  CO_TRY(out.Activities, co_await acting);
  co_return std::move(out);
}

Task<Reply<DetachInstancesOutput>> detach_instances(Context& context,
                                                    const DetachInstancesInput& in) {
  auto acting = set_aside(context, *in.AutoScalingGroupName, in.InstanceIds,
                          *in.ShouldDecrementDesiredCapacity, &control::Control::detach,
                          "Detaching EC2 instance");
  DetachInstancesOutput out;
  CO_TRY(out.Activities, co_await acting);
  co_return std::move(out);
}

Task<Reply<ExitStandbyOutput>> exit_standby(Context& context, const ExitStandbyInput& in) {
  ExitStandbyOutput out;
  for (const std::string& id : in.InstanceIds) {
    CO_TRY(const auto status, find_instance(context, *in.AutoScalingGroupName, id));
    if (status.state != "standby") {
      co_return tl::unexpected(invalid(fmt::format("The instance {} is not in Standby.", id)));
    }
    auto acting = context.world.control().back_into_service(id);
    const auto done = co_await acting;
    if (!done) co_return tl::unexpected(fault_of(done.error()));
    out.Activities.push_back(activity(context, *in.AutoScalingGroupName,
                                      "Moving EC2 instance out of Standby: " + id,
                                      "a user asked for it (" + context.request_id + ")"));
  }
  co_return std::move(out);
}

// Instances belong to the group that launched them: one that was detached may come back.
Task<Reply<AttachInstancesOutput>> attach_instances(Context& context,
                                                    const AttachInstancesInput& in) {
  for (const std::string& id : in.InstanceIds) {
    CO_TRY(const auto status, find_instance(context, *in.AutoScalingGroupName, id));
    if (status.state != "detached") {
      co_return tl::unexpected(invalid(fmt::format(
          "Instance {} is already part of AutoScalingGroup:{}", id, *in.AutoScalingGroupName)));
    }
    auto acting = context.world.control().back_into_service(id);
    const auto done = co_await acting;
    if (!done) co_return tl::unexpected(fault_of(done.error()));
  }
  co_return AttachInstancesOutput();
}

}  // namespace weir::amazon::autoscaling
