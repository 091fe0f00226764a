// What the Auto Scaling groups of a tenant are within weir: scaling groups.
#include "api/aws/autoscaling/parts.h"
#include "api/aws/autoscaling/policies.h"
#include "api/aws/ec2/lookup.h"

namespace weir::amazon::autoscaling {
namespace {

using std::chrono::seconds;

// What an instance is launched from, whoever says it.
struct Source {
  std::string image;
  std::string type;
  std::optional<std::string> user_data;  // base64
  std::optional<std::string> profile;
  std::optional<std::string> key;
  std::string label_name;  // of the variable that says what it came from
  std::string label;
  bool spot = false;
};

Source source_of(const model::LaunchConfiguration& from) {
  Source source;
  source.image = from.ImageId.value_or("");
  source.type = from.InstanceType.value_or("");
  source.user_data = from.UserData;
  source.profile = from.IamInstanceProfile;
  source.key = from.KeyName;
  source.label_name = "EC2_LAUNCH_CONFIGURATION";
  source.label = *from.LaunchConfigurationName;
  source.spot = from.SpotPrice.has_value();
  return source;
}

aws::Reply<Source> source_of(const Books& books, const model::LaunchTemplateSpecification& spec) {
  const auto found =
      ec2::template_version(books, spec.LaunchTemplateId, spec.LaunchTemplateName, spec.Version);
  if (!found) return tl::unexpected(invalid(found.error().message));
  const auto& version = **found;
  const auto& data = *version.LaunchTemplateData;
  Source source;
  source.image = data.ImageId.value_or("");
  source.type = data.InstanceType.value_or("");
  source.user_data = data.UserData;
  if (data.IamInstanceProfile) {
    source.profile = data.IamInstanceProfile->Name ? data.IamInstanceProfile->Name
                                                   : data.IamInstanceProfile->Arn;
  }
  source.key = data.KeyName;
  source.label_name = "EC2_LAUNCH_TEMPLATE";
  source.label = fmt::format("{}/{}/{}", *version.LaunchTemplateId, *version.LaunchTemplateName,
                             *version.VersionNumber);
  source.spot = data.InstanceMarketOptions && data.InstanceMarketOptions->MarketType == "spot";
  return source;
}

aws::Reply<Launch> launch_of(const Compiling& what, const Source& source,
                             const std::string& group) {
  const Aws& aws = what.world.control().desired().aws;
  auto launch = ec2::image(aws, source.image);
  if (!launch) {
    return tl::unexpected(invalid(
        fmt::format("The image id '[{}]' does not exist: aws.images of the configuration maps it",
                    source.image)));
  }
  const auto size = ec2::size(aws, source.type);
  if (!size) {
    return tl::unexpected(invalid(
        fmt::format("Invalid instance type: '{}': aws.instance_types of the configuration maps it",
                    source.type)));
  }
  if (launch->cpus == 0) launch->cpus = size->cpus;
  if (launch->memory.value == 0) launch->memory = size->memory;
  if (launch->gpus == 0) launch->gpus = size->gpus;
  auto& environment = launch->environment;
  environment["AUTO_SCALING_GROUP"] = group;
  environment["AWS_REGION"] = what.tenant.region;
  environment["EC2_IMAGE_ID"] = source.image;
  environment["EC2_INSTANCE_TYPE"] = source.type;
  environment[source.label_name] = source.label;
  if (source.user_data) environment["EC2_USER_DATA"] = *source.user_data;
  if (source.profile) environment["EC2_INSTANCE_PROFILE"] = *source.profile;
  if (source.key) environment["EC2_KEY_NAME"] = *source.key;
  return std::move(*launch);
}

// What of it differs from the group's launch.
LaunchOverrides overrides(const Launch& launch) {
  LaunchOverrides out;
  out.command = launch.command;
  out.environment = launch.environment;
  out.cpus = launch.cpus;
  out.memory = launch.memory;
  out.gpus = launch.gpus;
  return out;
}

aws::Reply<void> mix(const Compiling& what, const std::string& name,
                     const model::MixedInstancesPolicy& policy, ScalingGroup& out) {
  const auto& from = policy.LaunchTemplate;
  if (!from || !from->LaunchTemplateSpecification) {
    return tl::unexpected(invalid("A mixed instances policy needs a launch template"));
  }
  TRY(const Source base, source_of(what.books, *from->LaunchTemplateSpecification));
  std::vector<std::pair<Source, std::uint32_t>> kinds;
  for (const model::LaunchTemplateOverrides& one : from->Overrides) {
    Source source = base;
    if (one.LaunchTemplateSpecification) {
      TRY(source, source_of(what.books, *one.LaunchTemplateSpecification));
    }
    if (one.InstanceType) source.type = *one.InstanceType;
    if (one.ImageId) source.image = *one.ImageId;
    const int weight = one.WeightedCapacity ? std::atoi(one.WeightedCapacity->c_str()) : 1;
    if (weight < 1) return tl::unexpected(invalid("WeightedCapacity must be 1 to 999"));
    kinds.emplace_back(std::move(source), static_cast<std::uint32_t>(weight));
  }
  if (kinds.empty()) kinds.emplace_back(base, 1);
  TRY(out.launch, launch_of(what, kinds.front().first, name));
  const model::InstancesDistribution how =
      policy.InstancesDistribution.value_or(model::InstancesDistribution());
  Mix result;
  result.on_demand_base = static_cast<std::uint32_t>(how.OnDemandBaseCapacity.value_or(0));
  result.on_demand_percentage =
      static_cast<double>(how.OnDemandPercentageAboveBaseCapacity.value_or(100));
  const std::string strategy = how.SpotAllocationStrategy.value_or("lowest-price");
  if (strategy.starts_with("price-capacity")) result.strategy = "price_capacity_optimized";
  if (strategy == "lowest-price" && how.OnDemandAllocationStrategy == "lowest-price") {
    result.strategy = "lowest_price";
  }
  const bool spot_too = result.on_demand_percentage < 100;
  for (const auto& [source, weight] : kinds) {
    TRY(const Launch launch, launch_of(what, source, name));
    InstanceTemplate one;
    one.name = weir_name(source.type, "");
    one.launch = overrides(launch);
    one.weight = weight;
    result.templates.push_back(one);
    if (!spot_too) continue;
    one.name += "-spot";
    one.spot = true;
    result.templates.push_back(std::move(one));
  }
  out.mix = std::move(result);
  return {};
}

aws::Reply<void> launches(const Compiling& what, const AutoScalingBook& book,
                          const model::AutoScalingGroup& group, ScalingGroup& out) {
  const std::string& name = *group.AutoScalingGroupName;
  if (group.MixedInstancesPolicy) return mix(what, name, *group.MixedInstancesPolicy, out);
  Source source;
  if (group.LaunchTemplate) {
    TRY(source, source_of(what.books, *group.LaunchTemplate));
  } else {
    const auto* kept = book.configurations.find(group.LaunchConfigurationName.value_or(""));
    if (kept == nullptr) {
      return tl::unexpected(invalid(fmt::format("Launch configuration name not found - {}",
                                                group.LaunchConfigurationName.value_or(""))));
    }
    source = source_of(kept->value);
  }
  TRY(out.launch, launch_of(what, source, name));
  out.spot = source.spot;
  return {};
}

constexpr std::pair<std::string_view, const char*> kTermination[] = {
    {"Default", "default"},
    {"OldestInstance", "oldest_instance"},
    {"NewestInstance", "newest_instance"},
    {"OldestLaunchConfiguration", "oldest_launch_template"},
    {"OldestLaunchTemplate", "oldest_launch_template"},
    {"ClosestToNextInstanceHour", "closest_to_next_instance_hour"},
    {"AllocationStrategy", "allocation_strategy"}};

constexpr std::pair<std::string_view, const char*> kProcesses[] = {
    {"Launch", "launch"},
    {"Terminate", "terminate"},
    {"HealthCheck", "replace_unhealthy"},
    {"ReplaceUnhealthy", "replace_unhealthy"},
    {"AlarmNotification", "policies"},
    {"ScheduledActions", "scheduled"},
    {"AZRebalance", "rebalance"}};

template <class Table>
void translate(const Table& table, std::string_view word, Names& out) {
  for (const auto& [theirs, ours] : table) {
    if (theirs == word && std::ranges::find(out, ours) == out.end()) out.emplace_back(ours);
  }
}

void add_hooks(const AutoScalingBook& book, const std::string& name, ScalingGroup& out) {
  for (const auto& [key, kept] : book.hooks) {
    if (!belongs(key, name)) continue;
    const auto& from = kept->value;
    weir::LifecycleHook hook;
    hook.name = *from.LifecycleHookName;
    hook.transition = from.LifecycleTransition == "autoscaling:EC2_INSTANCE_TERMINATING"
                          ? Transition::terminating
                          : Transition::launching;
    hook.heartbeat_timeout = seconds(from.HeartbeatTimeout.value_or(3600));
    hook.default_result =
        from.DefaultResult == "CONTINUE" ? HookResult::continue_ : HookResult::abandon;
    out.lifecycle_hooks.push_back(std::move(hook));
  }
}

void add_pool(const model::AutoScalingGroup& group, ScalingGroup& out) {
  if (!group.WarmPoolConfiguration) return;
  const auto& from = *group.WarmPoolConfiguration;
  WarmPool pool;
  pool.min = static_cast<std::uint32_t>(from.MinSize.value_or(0));
  if (from.MaxGroupPreparedCapacity && *from.MaxGroupPreparedCapacity >= 0) {
    pool.max_prepared =
        std::min(static_cast<std::uint32_t>(*from.MaxGroupPreparedCapacity), out.max);
  }
  pool.stopped = from.PoolState.value_or("Stopped") == "Stopped";
  pool.reuse_on_scale_in =
      from.InstanceReusePolicy && from.InstanceReusePolicy->ReuseOnScaleIn.value_or(false);
  out.warm_pool = pool;
}

aws::Reply<ScalingGroup> group_of(const Compiling& what, const AutoScalingBook& book,
                                  const model::AutoScalingGroup& group) {
  const std::string& name = *group.AutoScalingGroupName;
  ScalingGroup out;
  TRY_VOID(launches(what, book, group, out));
  out.min = static_cast<std::uint32_t>(*group.MinSize);
  out.max = static_cast<std::uint32_t>(*group.MaxSize);
  out.desired = std::clamp(static_cast<std::uint32_t>(*group.DesiredCapacity), out.min, out.max);
  out.idle_timeout = 24h * 365;  // AWS takes nothing away for want of requests
  out.zones = group.AvailabilityZones;
  if (!out.zones.empty()) out.launch.zone.clear();
  for (const std::string& arn : group.TargetGroupARNs) {
    out.target_groups.push_back(target_group_name(what.world, what.tenant, arn));
  }
  for (const model::TrafficSourceIdentifier& source : group.TrafficSources) {
    const std::string target = target_group_name(what.world, what.tenant, *source.Identifier);
    if (std::ranges::find(out.target_groups, target) == out.target_groups.end()) {
      out.target_groups.push_back(target);
    }
  }
  out.health = group.HealthCheckType.value_or("EC2").find("ELB") == std::string::npos ? "process"
                                                                                      : "targets";
  if (out.target_groups.empty()) out.health = "process";
  out.health_check_grace = seconds(group.HealthCheckGracePeriod.value_or(0));
  out.warm_up = seconds(std::max<std::int64_t>(0, group.DefaultInstanceWarmup.value_or(0)));
  out.protect_new_instances = group.NewInstancesProtectedFromScaleIn.value_or(false);
  out.termination_policies.clear();
  for (const std::string& word : group.TerminationPolicies) {
    translate(kTermination, word, out.termination_policies);
  }
  if (out.termination_policies.empty()) out.termination_policies = {"default"};
  for (const model::SuspendedProcess& process : group.SuspendedProcesses) {
    translate(kProcesses, *process.ProcessName, out.suspended);
  }
  if (group.MaxInstanceLifetime.value_or(0) > 0) {
    out.max_instance_lifetime = seconds(*group.MaxInstanceLifetime);
  }
  if (const auto& from = group.InstanceMaintenancePolicy) {
    out.maintenance.min_healthy = static_cast<std::uint32_t>(
        std::max<std::int64_t>(0, from->MinHealthyPercentage.value_or(100)));
    out.maintenance.max_healthy = static_cast<std::uint32_t>(
        std::max<std::int64_t>(100, from->MaxHealthyPercentage.value_or(110)));
  }
  add_hooks(book, name, out);
  add_pool(group, out);
  for (const auto& [key, kept] : book.policies) {
    if (!belongs(key, name) || !kept->value.Enabled.value_or(true)) continue;
    TRY(Policy policy, policy_of(kept->value, what.world.metrics_of(what.tenant)));
    const auto warm = seconds(kept->value.EstimatedInstanceWarmup.value_or(0));
    if (!group.DefaultInstanceWarmup) out.warm_up = std::max<Duration>(out.warm_up, warm);
    out.policies.push_back(std::move(policy));
  }
  for (const auto& [key, kept] : book.scheduled) {
    if (belongs(key, name)) out.policies.push_back(policy_of(kept->value));
  }
  return out;
}

}  // namespace

void compile(const Compiling& what) {
  const AutoScalingBook& book = what.books.get<AutoScalingBook>();
  for (const auto& [name, kept] : book.groups) {
    auto group = group_of(what, book, kept->value);
    if (group) {
      what.out.desired.scaling_groups[what.world.name(what.tenant, name)] = std::move(*group);
    } else {
      what.out.faults.push_back(group.error());
    }
  }
}

}  // namespace weir::amazon::autoscaling
