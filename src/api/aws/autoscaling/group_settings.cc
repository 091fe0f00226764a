// What is set on a group besides its size: tags, suspended processes, collected metrics, its warm
// pool.
#include <map>
#include <set>

#include "api/aws/autoscaling/parts.h"
#include "api/aws/autoscaling/service.h"

namespace weir::amazon::autoscaling {
namespace {

// AddToLoadBalancer can't be suspended: instances of a group take part in its target groups.
const std::set<std::string>& suspendable() {
  static const std::set<std::string> all = {
      "Launch",           "Terminate",   "HealthCheck",    "ReplaceUnhealthy", "AlarmNotification",
      "ScheduledActions", "AZRebalance", "InstanceRefresh"};
  return all;
}

const std::set<std::string>& collected() {
  static const std::set<std::string> all = {"GroupMinSize",
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
                                            "GroupAndWarmPoolTotalCapacity"};
  return all;
}

Reply<std::vector<std::string>> chosen_of(const std::set<std::string>& all,
                                          const std::vector<std::string>& wanted,
                                          std::string_view what) {
  if (wanted.empty()) return std::vector<std::string>(all.begin(), all.end());
  for (const std::string& one : wanted) {
    if (!all.contains(one)) {
      return tl::unexpected(invalid(fmt::format("{} {} can't be chosen here", what, one)));
    }
  }
  return wanted;
}

}  // namespace

Task<Reply<SuspendProcessesOutput>> suspend_processes(Context& context,
                                                      const SuspendProcessesInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY_VOID(check_changeable(context, *in.AutoScalingGroupName));
  CO_TRY(const auto wanted, chosen_of(suspendable(), in.ScalingProcesses, "Process"));
  auto& mine = draft.books()
                   .edit<AutoScalingBook>()
                   .groups.edit(*in.AutoScalingGroupName)
                   ->value.SuspendedProcesses;
  for (const std::string& name : wanted) {
    if (std::ranges::find(mine, name, &SuspendedProcess::ProcessName) != mine.end()) continue;
    mine.push_back({.ProcessName = name, .SuspensionReason = "User suspended"});
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return SuspendProcessesOutput();
}

Task<Reply<ResumeProcessesOutput>> resume_processes(Context& context,
                                                    const ResumeProcessesInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY_VOID(check_changeable(context, *in.AutoScalingGroupName));
  CO_TRY(const auto wanted, chosen_of(suspendable(), in.ScalingProcesses, "Process"));
  std::vector<SuspendedProcess>& mine = draft.books()
                                            .edit<AutoScalingBook>()
                                            .groups.edit(*in.AutoScalingGroupName)
                                            ->value.SuspendedProcesses;
  std::erase_if(mine, [&](const SuspendedProcess& one) {
    return std::ranges::find(wanted, *one.ProcessName) != wanted.end();
  });
  CO_TRY_VOID(co_await draft.commit());
  co_return ResumeProcessesOutput();
}

Task<Reply<EnableMetricsCollectionOutput>> enable_metrics_collection(
    Context& context, const EnableMetricsCollectionInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY_VOID(check_changeable(context, *in.AutoScalingGroupName));
  if (in.Granularity != "1Minute") {
    co_return tl::unexpected(invalid("Valid values for granularity are: [1Minute]"));
  }
  CO_TRY(const auto wanted, chosen_of(collected(), in.Metrics, "Metric"));
  auto& mine = draft.books()
                   .edit<AutoScalingBook>()
                   .groups.edit(*in.AutoScalingGroupName)
                   ->value.EnabledMetrics;
  for (const std::string& name : wanted) {
    if (std::ranges::find(mine, name, &EnabledMetric::Metric) != mine.end()) continue;
    mine.push_back({.Metric = name, .Granularity = in.Granularity});
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return EnableMetricsCollectionOutput();
}

Task<Reply<DisableMetricsCollectionOutput>> disable_metrics_collection(
    Context& context, const DisableMetricsCollectionInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY_VOID(check_changeable(context, *in.AutoScalingGroupName));
  CO_TRY(const auto wanted, chosen_of(collected(), in.Metrics, "Metric"));
  std::vector<EnabledMetric>& mine = draft.books()
                                         .edit<AutoScalingBook>()
                                         .groups.edit(*in.AutoScalingGroupName)
                                         ->value.EnabledMetrics;
  std::erase_if(mine, [&](const EnabledMetric& one) {
    return std::ranges::find(wanted, *one.Metric) != wanted.end();
  });
  CO_TRY_VOID(co_await draft.commit());
  co_return DisableMetricsCollectionOutput();
}

// ---------------------------------------------------------------- tags

Task<Reply<CreateOrUpdateTagsOutput>> create_or_update_tags(Context& context,
                                                            const CreateOrUpdateTagsInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  for (const Tag& tag : in.Tags) {
    if (!tag.ResourceId) co_return tl::unexpected(invalid("ResourceId is required for a tag"));
    CO_TRY_VOID(check_changeable(context, *tag.ResourceId));
    auto& tags = draft.books().edit<AutoScalingBook>().groups.edit(*tag.ResourceId)->value.Tags;
    TagDescription one{.ResourceId = tag.ResourceId,
                       .ResourceType = tag.ResourceType.value_or("auto-scaling-group"),
                       .Key = tag.Key,
                       .Value = tag.Value.value_or(""),
                       .PropagateAtLaunch = tag.PropagateAtLaunch.value_or(false)};
    const auto found = std::ranges::find(tags, tag.Key, &TagDescription::Key);
    if (found == tags.end()) {
      tags.push_back(std::move(one));
    } else {
      *found = std::move(one);
    }
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return CreateOrUpdateTagsOutput();
}

Task<Reply<DeleteTagsOutput>> delete_tags(Context& context, const DeleteTagsInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  for (const Tag& tag : in.Tags) {
    CO_TRY_VOID(check_changeable(context, tag.ResourceId.value_or("")));
    std::vector<TagDescription>& tags =
        draft.books().edit<AutoScalingBook>().groups.edit(*tag.ResourceId)->value.Tags;
    std::erase_if(tags, [&](const TagDescription& one) {
      return one.Key == tag.Key && (!tag.Value || one.Value == tag.Value);
    });
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return DeleteTagsOutput();
}

Task<Reply<DescribeTagsOutput>> describe_tags(Context& context, const DescribeTagsInput& in) {
  DescribeTagsOutput out;
  for (const auto& kept : all_groups(context)) {
    for (const TagDescription& tag : kept.value.Tags) {
      const bool hit = std::ranges::all_of(in.Filters, [&](const Filter& filter) {
        const std::map<std::string, std::string> mine = {
            {"auto-scaling-group", *tag.ResourceId},
            {"key", *tag.Key},
            {"value", *tag.Value},
            {"propagate-at-launch", *tag.PropagateAtLaunch ? "true" : "false"}};
        const auto found = mine.find(filter.Name.value_or(""));
        return found != mine.end() &&
               std::ranges::find(filter.Values, found->second) != filter.Values.end();
      });
      if (hit) out.Tags.push_back(tag);
    }
  }
  TRY_VOID(page(out.Tags, in.NextToken, in.MaxRecords, out.NextToken));
  return out;
}

// ---------------------------------------------------------------- warm pool

Task<Reply<PutWarmPoolOutput>> put_warm_pool(Context& context, const PutWarmPoolInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY_VOID(check_changeable(context, *in.AutoScalingGroupName));
  if (in.PoolState == "Hibernated") {
    co_return tl::unexpected(
        invalid("PoolState must be Stopped or Running: processes can't hibernate"));
  }
  auto& group = draft.books().edit<AutoScalingBook>().groups.edit(*in.AutoScalingGroupName)->value;
  WarmPoolConfiguration pool;
  pool.MaxGroupPreparedCapacity = in.MaxGroupPreparedCapacity;
  if (pool.MaxGroupPreparedCapacity == -1) pool.MaxGroupPreparedCapacity.reset();
  pool.MinSize = in.MinSize.value_or(0);
  pool.PoolState = in.PoolState.value_or("Stopped");
  pool.InstanceReusePolicy = in.InstanceReusePolicy;
  if (pool.InstanceReusePolicy && !pool.InstanceReusePolicy->ReuseOnScaleIn) {
    pool.InstanceReusePolicy->ReuseOnScaleIn = false;
  }
  group.WarmPoolConfiguration = std::move(pool);
  CO_TRY_VOID(co_await draft.commit());
  co_return PutWarmPoolOutput();
}

Task<Reply<DeleteWarmPoolOutput>> delete_warm_pool(Context& context,
                                                   const DeleteWarmPoolInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY_VOID(check_changeable(context, *in.AutoScalingGroupName));
  auto& group = draft.books().edit<AutoScalingBook>().groups.edit(*in.AutoScalingGroupName)->value;
  if (!group.WarmPoolConfiguration) {
    co_return tl::unexpected(
        invalid("No warm pool found for AutoScalingGroup " + *in.AutoScalingGroupName));
  }
  // Its instances end by themselves, drained, with and without ForceDelete.
  group.WarmPoolConfiguration.reset();
  CO_TRY_VOID(co_await draft.commit());
  co_return DeleteWarmPoolOutput();
}

Task<Reply<DescribeWarmPoolOutput>> describe_warm_pool(Context& context,
                                                       const DescribeWarmPoolInput& in) {
  TRY(const auto kept, find_group(context, *in.AutoScalingGroupName));
  DescribeWarmPoolOutput out;
  out.WarmPoolConfiguration = kept.value.WarmPoolConfiguration;
  out.Instances = instances_of(context, kept.value, true);
  TRY_VOID(page(out.Instances, in.NextToken, in.MaxRecords, out.NextToken));
  return out;
}

}  // namespace weir::amazon::autoscaling
