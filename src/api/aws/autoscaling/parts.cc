#include "api/aws/autoscaling/parts.h"

#include <set>

#include "base/check.h"

namespace weir::amazon::autoscaling {
namespace {

// weir's word and AWS's.
constexpr std::pair<std::string_view, std::string_view> kStates[] = {
    {"pending", "Pending"},
    {"pending_wait", "Pending:Wait"},
    {"in_service", "InService"},
    {"terminating", "Terminating"},
    {"terminating_wait", "Terminating:Wait"},
    {"entering_standby", "EnteringStandby"},
    {"standby", "Standby"},
    {"detaching", "Detaching"},
    {"detached", "Detached"},
    {"warmed_pending", "Warmed:Pending"},
    {"warmed_running", "Warmed:Running"},
    {"warmed_stopped", "Warmed:Stopped"}};

std::string state_of(std::string_view state) {
  for (const auto& [ours, theirs] : kStates) {
    if (ours == state) return std::string(theirs);
  }
  return "InService";
}

std::optional<std::string> variable(const Launch& launch, const char* name) {
  const auto found = launch.environment.find(name);
  if (found == launch.environment.end()) return std::nullopt;
  return found->second;
}

// lt-0123/name/2
std::optional<model::LaunchTemplateSpecification> launched_from(const Launch& launch) {
  const auto text = variable(launch, "EC2_LAUNCH_TEMPLATE");
  if (!text) return std::nullopt;
  const auto first = text->find('/'), last = text->rfind('/');
  if (first == last) return std::nullopt;
  model::LaunchTemplateSpecification spec;
  spec.LaunchTemplateId = text->substr(0, first);
  spec.LaunchTemplateName = text->substr(first + 1, last - first - 1);
  spec.Version = text->substr(last + 1);
  return spec;
}

// What a file declares, as Describe shows it.
Kept<model::AutoScalingGroup> declared(const Context& context, const std::string& name,
                                       const ScalingGroup& group) {
  Kept<model::AutoScalingGroup> kept;
  auto& value = kept.value;
  value.AutoScalingGroupName = name;
  value.AutoScalingGroupARN =
      make_arn("autoscaling", context.tenant,
               fmt::format("autoScalingGroup:{}:autoScalingGroupName/{}", hex_of(name, 32), name));
  value.MinSize = group.min;
  value.MaxSize = group.max;
  value.DefaultCooldown = 300;
  value.AvailabilityZones = group.zones;
  if (group.zones.empty()) {
    value.AvailabilityZones = {group.launch.zone.empty() ? context.tenant.region + "a"
                                                         : group.launch.zone};
  }
  for (const std::string& target : group.target_groups) {
    value.TargetGroupARNs.push_back(
        make_arn("elasticloadbalancing", context.tenant,
                 fmt::format("targetgroup/{}/{}", target, hex_of(target, 16))));
  }
  value.HealthCheckType = group.health == "process" ? "EC2" : "ELB";
  value.HealthCheckGracePeriod =
      std::chrono::duration_cast<std::chrono::seconds>(group.health_check_grace).count();
  value.NewInstancesProtectedFromScaleIn = group.protect_new_instances;
  value.TerminationPolicies = {"Default"};
  return kept;
}

}  // namespace

std::shared_ptr<Book> new_book() { return std::make_shared<AutoScalingBook>(); }

aws::Fault invalid(std::string message) { return {"ValidationError", std::move(message)}; }

aws::Fault no_group(std::string_view name) {
  return invalid(
      fmt::format("AutoScalingGroup name not found - AutoScalingGroup {} not found", name));
}

std::string inner_name(const Context& context, std::string_view group) {
  return context.world.name(context.tenant, group);
}

std::vector<Kept<model::AutoScalingGroup>> all_groups(const Context& context) {
  std::vector<Kept<model::AutoScalingGroup>> all;
  std::set<std::string> ours;
  for (const auto& [name, kept] : context.world.book<AutoScalingBook>(context.tenant).groups) {
    all.push_back(*kept);
    ours.insert(inner_name(context, name));
  }
  if (!context.world.is_home(context.tenant)) return all;
  for (const auto& [name, group] : context.world.control().desired().scaling_groups) {
    const bool foreign = name.find("--") != name.npos;  // another tenant's
    if (!ours.contains(name) && !foreign) all.push_back(declared(context, name, group));
  }
  return all;
}

aws::Reply<Kept<model::AutoScalingGroup>> find_group(const Context& context,
                                                     std::string_view name) {
  const auto& groups = context.world.book<AutoScalingBook>(context.tenant).groups;
  if (const auto* kept = groups.find(std::string(name))) return *kept;
  for (auto& kept : all_groups(context)) {
    if (kept.value.AutoScalingGroupName == name) return std::move(kept);
  }
  return tl::unexpected(no_group(name));
}

aws::Reply<void> check_changeable(const Context& context, std::string_view name) {
  TRY_VOID(find_group(context, name));
  const auto& groups = context.world.book<AutoScalingBook>(context.tenant).groups;
  if (groups.contains(std::string(name))) return {};
  return tl::unexpected(invalid(fmt::format(
      "Auto Scaling group {} is declared by a configuration file: change it there", name)));
}

std::string group_of_instance(const Context& context, const std::string& instance) {
  const auto inner = context.world.control().group_of(instance);
  if (!inner) return "";
  for (const auto& kept : all_groups(context)) {
    if (inner_name(context, *kept.value.AutoScalingGroupName) == *inner) {
      return *kept.value.AutoScalingGroupName;
    }
  }
  return "";
}

std::string target_group_name(const World& world, const Tenant& tenant, std::string_view text) {
  const auto arn = parse_arn(text);
  const std::string resource = arn ? arn->resource : std::string(text);
  const auto first = resource.find('/'), last = resource.rfind('/');
  if (first == last) return world.name(tenant, resource);
  return world.name(tenant, std::string_view(resource).substr(first + 1, last - first - 1));
}

std::vector<model::Instance> instances_of(const Context& context,
                                          const model::AutoScalingGroup& group, bool pool) {
  const auto& control = context.world.control();
  const auto status = control.group_status(inner_name(context, *group.AutoScalingGroupName));
  std::vector<model::Instance> all;
  if (!status) return all;
  for (const auto& one : status->instances) {
    if (one.state.starts_with("warmed") != pool || one.state == "detached") continue;
    const Launch launch = control.launch_of(one.id).value_or(Launch());
    model::Instance instance;
    instance.InstanceId = one.id;
    instance.InstanceType = variable(launch, "EC2_INSTANCE_TYPE");
    instance.AvailabilityZone = one.zone.empty() && !group.AvailabilityZones.empty()
                                    ? group.AvailabilityZones[0]
                                    : one.zone;
    instance.LifecycleState = state_of(one.state);
    instance.HealthStatus = one.state == "in_service" && !one.healthy ? "Unhealthy" : "Healthy";
    instance.LaunchConfigurationName = variable(launch, "EC2_LAUNCH_CONFIGURATION");
    instance.LaunchTemplate = launched_from(launch);
    instance.ProtectedFromScaleIn = one.is_protected;
    if (group.MixedInstancesPolicy) instance.WeightedCapacity = std::to_string(one.weight);
    all.push_back(std::move(instance));
  }
  return all;
}

model::Activity activity(const Context& context, const std::string& group, std::string description,
                         std::string cause) {
  model::Activity one;
  const std::string hex = hex_of(fmt::format("{}/{}/{}", group, description, cause), 32);
  one.ActivityId = fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4),
                               hex.substr(12, 4), hex.substr(16, 4), hex.substr(20));
  one.AutoScalingGroupName = group;
  one.Description = std::move(description);
  one.Cause = std::move(cause);
  one.StartTime = context.now;
  one.StatusCode = "InProgress";
  one.Progress = 50;
  one.Details = "{}";
  return one;
}

std::vector<model::Activity> activities_of(const Context& context, const std::string& group) {
  std::vector<model::Activity> all;
  const auto status = context.world.control().group_status(inner_name(context, group));
  if (!status) return all;
  for (const auto& one : status->activities) {
    if (one.instance.empty()) continue;  // AWS's activities are those of instances
    std::string description = one.description;
    if (description.ends_with(" is in service")) {
      description = "Launching a new EC2 instance: " + one.instance;
    } else if (description.starts_with("Terminated instance")) {
      description = "Terminating EC2 instance: " + one.instance;
    }
    const std::string when = fmt::format("{}", one.time.time_since_epoch().count());
    model::Activity shown = activity(context, group, description, when + one.cause);
    shown.Cause = one.cause;
    shown.StartTime = shown.EndTime = one.time;
    shown.StatusCode = one.status;
    if (one.status == "Failed") shown.StatusMessage = one.cause;
    shown.Progress = 100;
    all.push_back(std::move(shown));
  }
  return all;
}

aws::Reply<control::InstanceStatus> find_instance(const Context& context, const std::string& group,
                                                  const std::string& instance) {
  TRY_VOID(find_group(context, group));
  const auto status = context.world.control().group_status(inner_name(context, group));
  if (status) {
    for (const auto& one : status->instances) {
      if (one.id == instance) return one;
    }
  }
  return tl::unexpected(invalid(
      fmt::format("The instance {} is not part of Auto Scaling group {}.", instance, group)));
}

aws::Fault fault_of(const Error& error) {
  if (error.code == Code::conflict) return {"ScalingActivityInProgress", error.message};
  return invalid(error.message);
}

}  // namespace weir::amazon::autoscaling
