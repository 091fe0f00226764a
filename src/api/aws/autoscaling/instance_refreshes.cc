// Instance refreshes: weir runs one at a time of a group; those before it are kept as they ended.
#include "api/aws/autoscaling/parts.h"
#include "api/aws/autoscaling/service.h"

namespace weir::amazon::autoscaling {
namespace {

std::string refresh_key(const std::string& group, std::uint32_t number) {
  return key_of(group, fmt::format("{:010}", number));
}

std::string id_of(const std::string& group, std::uint32_t number) {
  const std::string hex = hex_of(fmt::format("refresh/{}/{}", group, number), 32);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

constexpr std::pair<std::string_view, const char*> kStatuses[] = {
    {"pending", "Pending"},
    {"in_progress", "InProgress"},
    {"successful", "Successful"},
    {"failed", "Failed"},
    {"cancelling", "Cancelling"},
    {"cancelled", "Cancelled"},
    {"rollback_in_progress", "RollbackInProgress"},
    {"rollback_failed", "RollbackFailed"},
    {"rollback_successful", "RollbackSuccessful"}};

std::string status_of(std::string_view ours) {
  for (const auto& [word, theirs] : kStatuses) {
    if (word == ours) return theirs;
  }
  return std::string(ours);
}

// With how far it is now.
void add_progress(const control::RefreshStatus& now, InstanceRefresh& out) {
  out.Status = status_of(now.status);
  if (!now.reason.empty()) out.StatusReason = now.reason;
  out.StartTime = now.started;
  out.EndTime = now.ended;
  out.PercentageComplete = now.percent;
  out.InstancesToUpdate = now.total > now.replaced ? now.total - now.replaced : 0;
}

Spared spared_of(const std::optional<std::string>& word, Spared usual) {
  if (word == "Wait") return Spared::wait;
  if (word == "Ignore") return Spared::ignore;
  if (word == "Refresh" || word == "Terminate") return Spared::replace;
  return usual;
}

Reply<RefreshOptions> options_of(const Context& context, const ScalingGroup& group,
                                 const RefreshPreferences& in) {
  RefreshOptions out = group.instance_refresh;
  out.protected_instances = spared_of(in.ScaleInProtectedInstances, Spared::ignore);
  out.standby_instances = spared_of(in.StandbyInstances, Spared::ignore);
  Maintenance maintenance;
  maintenance.min_healthy = static_cast<std::uint32_t>(in.MinHealthyPercentage.value_or(90));
  maintenance.max_healthy = static_cast<std::uint32_t>(in.MaxHealthyPercentage.value_or(100));
  out.maintenance = maintenance;
  if (in.InstanceWarmup && *in.InstanceWarmup >= 0) {
    out.warm_up = std::chrono::seconds(*in.InstanceWarmup);
  }
  for (const std::int64_t percent : in.CheckpointPercentages) {
    out.checkpoints.push_back(static_cast<std::uint32_t>(percent));
    if (out.checkpoints.size() > 1 && out.checkpoints.end()[-2] >= out.checkpoints.back()) {
      return tl::unexpected(invalid("CheckpointPercentages must rise"));
    }
  }
  out.checkpoint_delay = std::chrono::seconds(in.CheckpointDelay.value_or(3600));
  out.skip_matching = in.SkipMatching.value_or(false);
  out.auto_rollback = in.AutoRollback.value_or(false);
  if (in.AlarmSpecification) {
    for (const std::string& alarm : in.AlarmSpecification->Alarms) {
      out.alarms.push_back(context.world.name(context.tenant, alarm));
      if (!context.world.control().desired().alarms.contains(out.alarms.back())) {
        return tl::unexpected(invalid("Alarm " + alarm + " not found"));
      }
    }
  }
  return out;
}

Fault none_active(const std::string& group) {
  return {"ActiveInstanceRefreshNotFound",
          "No in progress or pending Instance Refresh found for Auto Scaling group " + group};
}

bool is_active(const std::optional<control::RefreshStatus>& refresh) {
  return refresh && !refresh->ended;
}

}  // namespace

Task<Reply<StartInstanceRefreshOutput>> start_instance_refresh(
    Context& context, const StartInstanceRefreshInput& in) {
  const std::string& group = *in.AutoScalingGroupName;
  const std::string inner = inner_name(context, group);
  auto& control = context.world.control();
  CO_TRY(const auto before, find_group(context, group));
  const auto status = control.group_status(inner);
  if (!status) co_return tl::unexpected(fault_of(status.error()));
  if (is_active(status->refresh)) {
    co_return refuse("InstanceRefreshInProgress",
                     "An Instance Refresh is already in progress and blocks the execution of this "
                     "Instance Refresh.");
  }
  if (in.Strategy && in.Strategy != "Rolling") {
    co_return tl::unexpected(invalid("Strategy must be Rolling"));
  }
  for (const SuspendedProcess& process : before.value.SuspendedProcesses) {
    if (process.ProcessName != "InstanceRefresh") continue;
    co_return tl::unexpected(invalid("The process InstanceRefresh of the group is suspended"));
  }
  const auto scaling_group = control.desired().scaling_groups.find(inner);
  if (scaling_group == control.desired().scaling_groups.end()) {
    co_return tl::unexpected(no_group(group));
  }
  const RefreshPreferences preferences = in.Preferences.value_or(RefreshPreferences());
  CO_TRY(RefreshOptions options, options_of(context, scaling_group->second, preferences));
  const std::uint32_t number = status->refresh ? status->refresh->number + 1 : 1;
  InstanceRefresh refresh;
  refresh.InstanceRefreshId = id_of(group, number);
  refresh.AutoScalingGroupName = group;
  refresh.Strategy = "Rolling";
  refresh.Preferences = preferences;
  refresh.DesiredConfiguration = in.DesiredConfiguration;
  {
    auto turn = context.world.change(context.tenant);
    Draft draft = co_await turn;
    auto& book = draft.books().edit<AutoScalingBook>();
    if (in.DesiredConfiguration) {
      CO_TRY_VOID(check_changeable(context, group));
      auto& value = book.groups.edit(group)->value;
      if (in.DesiredConfiguration->LaunchTemplate) {
        value.LaunchTemplate = in.DesiredConfiguration->LaunchTemplate;
        value.LaunchConfigurationName.reset();
        value.MixedInstancesPolicy.reset();
      } else if (in.DesiredConfiguration->MixedInstancesPolicy) {
        value.MixedInstancesPolicy = in.DesiredConfiguration->MixedInstancesPolicy;
        value.LaunchConfigurationName.reset();
        value.LaunchTemplate.reset();
      }
    }
    if (status->refresh) {  // as it ended
      if (auto* last = book.refreshes.edit(refresh_key(group, status->refresh->number))) {
        add_progress(*status->refresh, last->value);
      }
    }
    Kept<InstanceRefresh> kept;
    kept.value = refresh;
    kept.made = context.now;
    book.refreshes.put(refresh_key(group, number), std::move(kept));
    CO_TRY_VOID(co_await draft.commit());
  }
  auto starting = control.start_refresh(inner, std::move(options));
  const auto done = co_await starting;
  if (!done) co_return refuse("InstanceRefreshInProgress", done.error().message);
  StartInstanceRefreshOutput out;
  out.InstanceRefreshId = refresh.InstanceRefreshId;
  co_return std::move(out);
}

Task<Reply<DescribeInstanceRefreshesOutput>> describe_instance_refreshes(
    Context& context, const DescribeInstanceRefreshesInput& in) {
  const std::string& group = *in.AutoScalingGroupName;
  TRY_VOID(find_group(context, group));
  const auto status = context.world.control().group_status(inner_name(context, group));
  DescribeInstanceRefreshesOutput out;
  for (const auto& [key, kept] : context.world.book<AutoScalingBook>(context.tenant).refreshes) {
    if (!belongs(key, group)) continue;
    InstanceRefresh one = kept->value;
    const bool last =
        status && status->refresh && one.InstanceRefreshId == id_of(group, status->refresh->number);
    if (last) add_progress(*status->refresh, one);
    const auto& ids = in.InstanceRefreshIds;
    if (!ids.empty() && std::ranges::find(ids, *one.InstanceRefreshId) == ids.end()) continue;
    out.InstanceRefreshes.push_back(std::move(one));
  }
  for (const std::string& id : in.InstanceRefreshIds) {
    if (std::ranges::none_of(out.InstanceRefreshes, [&](const InstanceRefresh& one) {
          return one.InstanceRefreshId == id;
        })) {
      return tl::unexpected(invalid("Instance refresh " + id + " not found"));
    }
  }
  std::ranges::reverse(out.InstanceRefreshes);
  TRY_VOID(page(out.InstanceRefreshes, in.NextToken, in.MaxRecords, out.NextToken));
  return out;
}

Task<Reply<CancelInstanceRefreshOutput>> cancel_instance_refresh(
    Context& context, const CancelInstanceRefreshInput& in) {
  const std::string& group = *in.AutoScalingGroupName;
  CO_TRY_VOID(find_group(context, group));
  const std::string inner = inner_name(context, group);
  const auto status = context.world.control().group_status(inner);
  if (!status || !is_active(status->refresh)) co_return tl::unexpected(none_active(group));
  auto cancelling = context.world.control().cancel_refresh(inner);
  const auto done = co_await cancelling;
  if (!done) co_return tl::unexpected(none_active(group));
  CancelInstanceRefreshOutput out;
  out.InstanceRefreshId = id_of(group, status->refresh->number);
  co_return std::move(out);
}

Task<Reply<RollbackInstanceRefreshOutput>> rollback_instance_refresh(
    Context& context, const RollbackInstanceRefreshInput& in) {
  const std::string& group = *in.AutoScalingGroupName;
  CO_TRY_VOID(find_group(context, group));
  const std::string inner = inner_name(context, group);
  const auto status = context.world.control().group_status(inner);
  if (!status || !is_active(status->refresh)) co_return tl::unexpected(none_active(group));
  auto going_back = context.world.control().roll_back_refresh(inner);
  const auto done = co_await going_back;
  if (!done) co_return refuse("IrreversibleInstanceRefresh", done.error().message);
  RollbackInstanceRefreshOutput out;
  out.InstanceRefreshId = id_of(group, status->refresh->number);
  co_return std::move(out);
}

}  // namespace weir::amazon::autoscaling
