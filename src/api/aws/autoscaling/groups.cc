// Auto Scaling groups: made, changed, deleted, described.
#include <set>

#include "api/aws/autoscaling/parts.h"
#include "api/aws/autoscaling/service.h"
#include "api/aws/ec2/lookup.h"

namespace weir::amazon::autoscaling {
namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    std::string one(text.substr(0, comma));
    std::erase(one, ' ');
    if (!one.empty()) parts.push_back(std::move(one));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

// What Create and Update have in common.
template <class Input>
Reply<void> take_options(const Context& context, const Books& books, const Input& in,
                         AutoScalingGroup& group) {
  const int launched = in.LaunchConfigurationName.has_value() + in.LaunchTemplate.has_value() +
                       in.MixedInstancesPolicy.has_value();
  if (launched > 1) {
    return tl::unexpected(
        invalid("Valid requests must contain either LaunchTemplate, LaunchConfigurationName, "
                "InstanceId or MixedInstancesPolicy parameter."));
  }
  if (launched == 1) {
    group.LaunchConfigurationName = in.LaunchConfigurationName;
    group.LaunchTemplate = in.LaunchTemplate;
    group.MixedInstancesPolicy = in.MixedInstancesPolicy;
  }
  if (group.LaunchTemplate) {  // described by id and name
    const auto& spec = *group.LaunchTemplate;
    const auto found =
        ec2::template_version(books, spec.LaunchTemplateId, spec.LaunchTemplateName, spec.Version);
    if (!found) return tl::unexpected(invalid(found.error().message));
    group.LaunchTemplate->LaunchTemplateId = (*found)->LaunchTemplateId;
    group.LaunchTemplate->LaunchTemplateName = (*found)->LaunchTemplateName;
  }
  if (in.MinSize) group.MinSize = in.MinSize;
  if (in.MaxSize) group.MaxSize = in.MaxSize;
  if (in.DefaultCooldown) group.DefaultCooldown = in.DefaultCooldown;
  if (in.HealthCheckType) group.HealthCheckType = in.HealthCheckType;
  if (in.HealthCheckGracePeriod) group.HealthCheckGracePeriod = in.HealthCheckGracePeriod;
  if (in.TerminationPolicies.given()) group.TerminationPolicies = in.TerminationPolicies;
  if (in.NewInstancesProtectedFromScaleIn) {
    group.NewInstancesProtectedFromScaleIn = in.NewInstancesProtectedFromScaleIn;
  }
  if (in.CapacityRebalance) group.CapacityRebalance = in.CapacityRebalance;
  if (in.MaxInstanceLifetime) group.MaxInstanceLifetime = in.MaxInstanceLifetime;
  if (in.DefaultInstanceWarmup) {
    group.DefaultInstanceWarmup = in.DefaultInstanceWarmup;
    if (*in.DefaultInstanceWarmup < 0) group.DefaultInstanceWarmup.reset();
  }
  if (in.ServiceLinkedRoleARN) group.ServiceLinkedRoleARN = in.ServiceLinkedRoleARN;
  if (in.Context) group.Context = in.Context;
  if (in.InstanceMaintenancePolicy) {
    group.InstanceMaintenancePolicy = in.InstanceMaintenancePolicy;
    const auto& policy = *in.InstanceMaintenancePolicy;
    if (policy.MinHealthyPercentage == -1 && policy.MaxHealthyPercentage == -1) {
      group.InstanceMaintenancePolicy.reset();
    }
  }
  for (const std::string& word : group.TerminationPolicies) {
    static const std::set<std::string> kKnown = {"Default",
                                                 "OldestInstance",
                                                 "NewestInstance",
                                                 "OldestLaunchConfiguration",
                                                 "OldestLaunchTemplate",
                                                 "ClosestToNextInstanceHour",
                                                 "AllocationStrategy"};
    if (!kKnown.contains(word)) {
      return tl::unexpected(invalid(fmt::format("Termination policy {} is not known", word)));
    }
  }
  if (in.VPCZoneIdentifier && !in.VPCZoneIdentifier->empty()) {
    std::vector<std::string> zones;
    for (const std::string& id : split(*in.VPCZoneIdentifier)) {
      const auto zone = ec2::zone_of_subnet(context.world, context.tenant, books, id);
      if (!zone) {
        return tl::unexpected(invalid(fmt::format("The subnet ID '{}' does not exist", id)));
      }
      if (std::ranges::find(zones, *zone) == zones.end()) zones.push_back(*zone);
    }
    group.VPCZoneIdentifier = in.VPCZoneIdentifier;
    group.AvailabilityZones = zones;
  }
  if (!in.AvailabilityZones.empty()) {
    const auto known = ec2::zones(context.world, context.tenant);
    for (const std::string& zone : in.AvailabilityZones) {
      if (std::ranges::find(known, zone) == known.end()) {
        return tl::unexpected(invalid(fmt::format("Invalid availability zones: [{}]", zone)));
      }
    }
    if (!in.VPCZoneIdentifier) group.AvailabilityZones = in.AvailabilityZones;
  }
  if (*group.MinSize > *group.MaxSize) {
    return tl::unexpected(
        invalid(fmt::format("Max bound, {}, must be greater than or equal to min bound, {}",
                            *group.MaxSize, *group.MinSize)));
  }
  return {};
}

Reply<void> check_desired(const AutoScalingGroup& group, std::int64_t desired) {
  if (desired < *group.MinSize) {
    return tl::unexpected(invalid(
        fmt::format("Desired capacity:{} must be between the specified min size:{} and max size:{}",
                    desired, *group.MinSize, *group.MaxSize)));
  }
  if (desired > *group.MaxSize) {
    return tl::unexpected(invalid(
        fmt::format("Desired capacity:{} must be between the specified min size:{} and max size:{}",
                    desired, *group.MinSize, *group.MaxSize)));
  }
  return {};
}

// Those of target groups are attached in both ways, as AWS shows them.
Reply<void> check_targets(const Context& context, const AutoScalingGroup& group) {
  const auto known = [&](const std::string& arn) {
    const std::string name = target_group_name(context.world, context.tenant, arn);
    return context.world.control().desired().target_groups.contains(name);
  };
  for (const std::string& arn : group.TargetGroupARNs) {
    if (known(arn)) continue;
    return tl::unexpected(
        invalid("Provided Target Groups may not be valid. Please ensure they exist and try again. "
                "Not found: " +
                arn));
  }
  for (const TrafficSourceIdentifier& source : group.TrafficSources) {
    if (source.Type.value_or("elbv2") == "elbv2" && known(*source.Identifier)) continue;
    return tl::unexpected(invalid("Provided traffic source is not valid: " + *source.Identifier));
  }
  return {};
}

TagDescription tag_of(const Tag& tag, const std::string& group) {
  return {.ResourceId = group,
          .ResourceType = "auto-scaling-group",
          .Key = tag.Key,
          .Value = tag.Value.value_or(""),
          .PropagateAtLaunch = tag.PropagateAtLaunch.value_or(false)};
}

// With what is known of it now.
AutoScalingGroup shown(const Context& context, const Kept<AutoScalingGroup>& kept,
                       bool with_instances) {
  AutoScalingGroup group = kept.value;
  const std::string& name = *group.AutoScalingGroupName;
  const auto status = context.world.control().group_status(inner_name(context, name));
  if (status) {
    group.DesiredCapacity = status->desired;
    group.MinSize = status->min;
    group.MaxSize = status->max;
    if (!group.CreatedTime) group.CreatedTime = kept.made;
  }
  group.TrafficSources = {};
  for (const std::string& arn : group.TargetGroupARNs) {
    group.TrafficSources.push_back({.Identifier = arn, .Type = "elbv2"});
  }
  group.Instances = {};
  if (with_instances) group.Instances = instances_of(context, group, false);
  if (group.WarmPoolConfiguration) {
    group.WarmPoolSize = static_cast<std::int64_t>(instances_of(context, group, true).size());
  }
  return group;
}

bool tagged(const AutoScalingGroup& group, const Filter& filter) {
  const std::string name = filter.Name.value_or("");
  const auto has = [&](const std::optional<std::string>& text) {
    return std::ranges::find(filter.Values, text.value_or("")) != filter.Values.end();
  };
  return std::ranges::any_of(group.Tags, [&](const TagDescription& tag) {
    if (name == "tag-key") return has(tag.Key);
    if (name == "tag-value") return has(tag.Value);
    return name.starts_with("tag:") && tag.Key == name.substr(4) && has(tag.Value);
  });
}

}  // namespace

Task<Reply<CreateAutoScalingGroupOutput>> create_auto_scaling_group(
    Context& context, const CreateAutoScalingGroupInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  const std::string& name = *in.AutoScalingGroupName;
  if (find_group(context, name)) {
    co_return refuse("AlreadyExists",
                     "AutoScalingGroup by this name already exists - A group with the name " +
                         name + " already exists");
  }
  Kept<AutoScalingGroup> kept;
  AutoScalingGroup& group = kept.value;
  group.AutoScalingGroupName = name;
  group.AutoScalingGroupARN =
      make_arn("autoscaling", context.tenant,
               fmt::format("autoScalingGroup:{}:autoScalingGroupName/{}", draw_hex(32), name));
  group.DefaultCooldown = 300;
  group.HealthCheckType = "EC2";
  group.HealthCheckGracePeriod = 0;
  group.TerminationPolicies = {"Default"};
  group.NewInstancesProtectedFromScaleIn = false;
  group.CapacityRebalance = false;
  group.VPCZoneIdentifier = "";
  group.ServiceLinkedRoleARN = fmt::format(
      "arn:aws:iam::{}:role/aws-service-role/autoscaling.amazonaws.com/"
      "AWSServiceRoleForAutoScaling",
      context.tenant.account);
  group.CreatedTime = kept.made = context.now;
  group.LoadBalancerNames.give();
  if (!in.LaunchConfigurationName && !in.LaunchTemplate && !in.MixedInstancesPolicy) {
    co_return tl::unexpected(
        invalid("Valid requests must contain either LaunchTemplate, LaunchConfigurationName, "
                "InstanceId or MixedInstancesPolicy parameter."));
  }
  CO_TRY_VOID(take_options(context, draft.books(), in, group));
  if (group.AvailabilityZones.empty()) {
    co_return tl::unexpected(invalid("At least one Availability Zone or VPC Subnet is required."));
  }
  group.DesiredCapacity = in.DesiredCapacity.value_or(*in.MinSize);
  CO_TRY_VOID(check_desired(group, *group.DesiredCapacity));
  group.TargetGroupARNs = in.TargetGroupARNs;
  for (const TrafficSourceIdentifier& source : in.TrafficSources) {
    group.TargetGroupARNs.push_back(*source.Identifier);
  }
  CO_TRY_VOID(check_targets(context, group));
  for (const Tag& tag : in.Tags) group.Tags.push_back(tag_of(tag, name));
  auto& book = draft.books().edit<AutoScalingBook>();
  for (const LifecycleHookSpecification& spec : in.LifecycleHookSpecificationList) {
    if (spec.NotificationTargetARN) {
      co_return tl::unexpected(invalid("Unable to publish test message to notification target " +
                                       *spec.NotificationTargetARN +
                                       ": weir has no queues or topics"));
    }
    Kept<model::LifecycleHook> hook;
    hook.value.LifecycleHookName = spec.LifecycleHookName;
    hook.value.AutoScalingGroupName = name;
    hook.value.LifecycleTransition = spec.LifecycleTransition;
    hook.value.NotificationMetadata = spec.NotificationMetadata;
    hook.value.RoleARN = spec.RoleARN;
    hook.value.HeartbeatTimeout = spec.HeartbeatTimeout.value_or(3600);
    hook.value.GlobalTimeout = 172800;
    hook.value.DefaultResult = spec.DefaultResult.value_or("ABANDON");
    book.hooks.put(key_of(name, *spec.LifecycleHookName), std::move(hook));
  }
  book.groups.put(name, std::move(kept));
  CO_TRY_VOID(co_await draft.commit());
  co_return CreateAutoScalingGroupOutput();
}

Task<Reply<UpdateAutoScalingGroupOutput>> update_auto_scaling_group(
    Context& context, const UpdateAutoScalingGroupInput& in) {
  const std::string& name = *in.AutoScalingGroupName;
  {
    auto turn = context.world.change(context.tenant);
    Draft draft = co_await turn;
    CO_TRY_VOID(check_changeable(context, name));
    auto* kept = draft.books().edit<AutoScalingBook>().groups.edit(name);
    CO_TRY_VOID(take_options(context, draft.books(), in, kept->value));
    if (in.DesiredCapacity) CO_TRY_VOID(check_desired(kept->value, *in.DesiredCapacity));
    CO_TRY_VOID(co_await draft.commit());
  }
  if (in.DesiredCapacity) {
    auto scaling = context.world.control().scale(inner_name(context, name),
                                                 static_cast<std::uint32_t>(*in.DesiredCapacity));
    const auto done = co_await scaling;
    if (!done) co_return tl::unexpected(fault_of(done.error()));
  }
  co_return UpdateAutoScalingGroupOutput();
}

Task<Reply<SetDesiredCapacityOutput>> set_desired_capacity(Context& context,
                                                           const SetDesiredCapacityInput& in) {
  const std::string& name = *in.AutoScalingGroupName;
  CO_TRY(const auto kept, find_group(context, name));
  const std::string inner = inner_name(context, name);
  const auto status = context.world.control().group_status(inner);
  if (in.DesiredCapacity < *kept.value.MinSize) {
    co_return tl::unexpected(
        invalid(fmt::format("New SetDesiredCapacity value {} is below min value {} for the "
                            "AutoScalingGroup.",
                            *in.DesiredCapacity, *kept.value.MinSize)));
  }
  if (in.DesiredCapacity > *kept.value.MaxSize) {
    co_return tl::unexpected(
        invalid(fmt::format("New SetDesiredCapacity value {} is above max value {} for the "
                            "AutoScalingGroup.",
                            *in.DesiredCapacity, *kept.value.MaxSize)));
  }
  if (in.HonorCooldown.value_or(false) && status && !status->activities.empty()) {
    const auto cooldown = std::chrono::seconds(kept.value.DefaultCooldown.value_or(300));
    if (context.now < status->activities.front().time + cooldown) {
      co_return refuse("ScalingActivityInProgress",
                       "Scaling activity is in progress: the default cooldown of the group has "
                       "not passed since the last one");
    }
  }
  auto scaling =
      context.world.control().scale(inner, static_cast<std::uint32_t>(*in.DesiredCapacity));
  const auto done = co_await scaling;
  if (!done) co_return tl::unexpected(fault_of(done.error()));
  co_return SetDesiredCapacityOutput();
}

Task<Reply<DeleteAutoScalingGroupOutput>> delete_auto_scaling_group(
    Context& context, const DeleteAutoScalingGroupInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  const std::string& name = *in.AutoScalingGroupName;
  CO_TRY_VOID(check_changeable(context, name));
  const auto status = context.world.control().group_status(inner_name(context, name));
  if (!in.ForceDelete.value_or(false) && status && !status->instances.empty()) {
    co_return refuse("ResourceInUse",
                     "You cannot delete an AutoScalingGroup while there are instances or pending "
                     "Spot instance request(s) still in the group.");
  }
  auto& book = draft.books().edit<AutoScalingBook>();
  const auto erase_all = [&](auto& shelf) {
    std::vector<std::string> keys;
    for (const auto& [key, kept] : shelf) {
      if (belongs(key, name)) keys.push_back(key);
    }
    for (const std::string& key : keys) shelf.erase(key);
  };
  book.groups.erase(name);
  erase_all(book.policies);
  erase_all(book.scheduled);
  erase_all(book.hooks);
  erase_all(book.refreshes);
  CO_TRY_VOID(co_await draft.commit());
  co_return DeleteAutoScalingGroupOutput();
}

Task<Reply<DescribeAutoScalingGroupsOutput>> describe_auto_scaling_groups(
    Context& context, const DescribeAutoScalingGroupsInput& in) {
  std::vector<Kept<AutoScalingGroup>> all = all_groups(context);
  if (!in.AutoScalingGroupNames.empty()) {
    std::erase_if(all, [&](const auto& kept) {
      return std::ranges::find(in.AutoScalingGroupNames, *kept.value.AutoScalingGroupName) ==
             in.AutoScalingGroupNames.end();
    });
  }
  for (const Filter& filter : in.Filters) {
    std::erase_if(all, [&](const auto& kept) { return !tagged(kept.value, filter); });
  }
  DescribeAutoScalingGroupsOutput out;
  TRY_VOID(page(all, in.NextToken, in.MaxRecords, out.NextToken));
  for (const auto& kept : all) {
    out.AutoScalingGroups.push_back(shown(context, kept, in.IncludeInstances.value_or(true)));
  }
  return out;
}

}  // namespace weir::amazon::autoscaling
