// Scaling policies: kept, described, run by hand.
#include "api/aws/autoscaling/parts.h"
#include "api/aws/autoscaling/policies.h"
#include "api/aws/autoscaling/service.h"
#include "scale/adjustment.h"

namespace weir::amazon::autoscaling {
namespace {

Fault no_policy(const std::string& group, const std::string& name) {
  return invalid(fmt::format("PolicyARN or policy name not found - policy {} of group {} not found",
                             name, group));
}

// What a target tracking policy watches: described as AWS names these alarms, judged by weir
// itself.
std::vector<model::Alarm> alarms_of(const Context& context, const ScalingPolicy& policy) {
  std::vector<model::Alarm> all;
  if (policy.PolicyType != "TargetTrackingScaling") return all;
  const bool scale_in = !policy.TargetTrackingConfiguration->DisableScaleIn.value_or(false);
  for (const char* side : {"AlarmHigh", "AlarmLow"}) {
    if (!scale_in && std::string_view(side) == "AlarmLow") continue;
    const std::string hex = hex_of(*policy.PolicyARN + side, 32);
    const std::string name = fmt::format(
        "TargetTracking-{}-{}-{}-{}-{}-{}-{}", *policy.AutoScalingGroupName, side, hex.substr(0, 8),
        hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4), hex.substr(20));
    all.push_back(
        {.AlarmName = name, .AlarmARN = make_arn("cloudwatch", context.tenant, "alarm:" + name)});
  }
  return all;
}

// Members that belong to another type of policy are mistakes, as AWS has them.
Reply<void> check_type(const PutScalingPolicyInput& in) {
  const std::string type = in.PolicyType.value_or("SimpleScaling");
  const bool simple = type == "SimpleScaling", step = type == "StepScaling";
  if (!simple && !step && type != "TargetTrackingScaling" && type != "PredictiveScaling") {
    return tl::unexpected(invalid(fmt::format(
        "1 validation error detected: Value '{}' at 'policyType' failed to satisfy constraint: "
        "Member must satisfy enum value set: [PredictiveScaling, StepScaling, SimpleScaling, "
        "TargetTrackingScaling]",
        type)));
  }
  if (!simple && in.ScalingAdjustment) {
    return tl::unexpected(
        invalid(fmt::format("ScalingAdjustment is not supported for policy type {}", type)));
  }
  if (simple && !in.ScalingAdjustment) {
    return tl::unexpected(invalid("ScalingAdjustment is required for policy type SimpleScaling"));
  }
  if ((simple || step) && !in.AdjustmentType) {
    return tl::unexpected(invalid("AdjustmentType is required for policy type " + type));
  }
  if (step && in.StepAdjustments.empty()) {
    return tl::unexpected(
        invalid("At least one StepAdjustment is required for a StepScaling policy"));
  }
  if (!step && !in.StepAdjustments.empty()) {
    return tl::unexpected(invalid("StepAdjustments are not supported for policy type " + type));
  }
  if (step && in.MetricAggregationType && in.MetricAggregationType != "Average") {
    return tl::unexpected(invalid("MetricAggregationType must be Average here"));
  }
  return {};
}

}  // namespace

Task<Reply<PutScalingPolicyOutput>> put_scaling_policy(Context& context,
                                                       const PutScalingPolicyInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  const std::string& group = *in.AutoScalingGroupName;
  CO_TRY_VOID(check_changeable(context, group));
  CO_TRY_VOID(check_type(in));
  auto& book = draft.books().edit<AutoScalingBook>();
  const std::string key = key_of(group, *in.PolicyName);
  const auto* before = book.policies.find(key);
  Kept<ScalingPolicy> kept;
  ScalingPolicy& policy = kept.value;
  const std::string type = in.PolicyType.value_or("SimpleScaling");
  policy.AutoScalingGroupName = group;
  policy.PolicyName = in.PolicyName;
  policy.PolicyARN = before ? before->value.PolicyARN
                            : make_arn("autoscaling", context.tenant,
                                       fmt::format("scalingPolicy:{}:autoScalingGroupName/{}:"
                                                   "policyName/{}",
                                                   draw_hex(32), group, *in.PolicyName));
  policy.PolicyType = type;
  policy.Enabled = in.Enabled.value_or(true);
  policy.EstimatedInstanceWarmup = in.EstimatedInstanceWarmup;
  if (type == "SimpleScaling") {
    policy.ScalingAdjustment = in.ScalingAdjustment;
    if (in.Cooldown) policy.Cooldown = in.Cooldown;
  }
  if (type == "SimpleScaling" || type == "StepScaling") {
    policy.AdjustmentType = in.AdjustmentType;
    policy.MinAdjustmentMagnitude = in.MinAdjustmentMagnitude;
    policy.MinAdjustmentStep = in.MinAdjustmentStep;
  }
  if (type == "StepScaling") {
    policy.StepAdjustments = in.StepAdjustments;
    policy.MetricAggregationType = in.MetricAggregationType.value_or("Average");
  }
  policy.TargetTrackingConfiguration = in.TargetTrackingConfiguration;
  policy.PredictiveScalingConfiguration = in.PredictiveScalingConfiguration;
  CO_TRY_VOID(policy_of(policy, context.world.metrics_of(context.tenant)));
  policy.Alarms = alarms_of(context, policy);
  kept.made = context.now;
  PutScalingPolicyOutput out;
  out.PolicyARN = policy.PolicyARN;
  out.Alarms = policy.Alarms;
  book.policies.put(key, std::move(kept));
  CO_TRY_VOID(co_await draft.commit());
  co_return std::move(out);
}

Task<Reply<DescribePoliciesOutput>> describe_policies(Context& context,
                                                      const DescribePoliciesInput& in) {
  if (in.AutoScalingGroupName) TRY_VOID(find_group(context, *in.AutoScalingGroupName));
  DescribePoliciesOutput out;
  for (const auto& [key, kept] : context.world.book<AutoScalingBook>(context.tenant).policies) {
    const ScalingPolicy& policy = kept->value;
    const auto wanted = [](const auto& list, const std::string& text) {
      return list.empty() || std::ranges::find(list, text) != list.end();
    };
    if (in.AutoScalingGroupName && !belongs(key, *in.AutoScalingGroupName)) continue;
    const bool named =
        wanted(in.PolicyNames, *policy.PolicyName) || wanted(in.PolicyNames, *policy.PolicyARN);
    if (!named || !wanted(in.PolicyTypes, *policy.PolicyType)) continue;
    out.ScalingPolicies.push_back(policy);
  }
  TRY_VOID(page(out.ScalingPolicies, in.NextToken, in.MaxRecords, out.NextToken));
  return out;
}

namespace {

// By name or by ARN.
const ScalingPolicy* policy_by(const AutoScalingBook& book, const std::optional<std::string>& group,
                               const std::string& name) {
  for (const auto& [key, kept] : book.policies) {
    const ScalingPolicy& policy = kept->value;
    if (policy.PolicyARN == name) return &policy;
    if (group && policy.AutoScalingGroupName == group && policy.PolicyName == name) return &policy;
  }
  return nullptr;
}

}  // namespace

Task<Reply<DeletePolicyOutput>> delete_policy(Context& context, const DeletePolicyInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& book = draft.books().edit<AutoScalingBook>();
  const auto* policy = policy_by(book, in.AutoScalingGroupName, *in.PolicyName);
  if (policy == nullptr) {
    co_return tl::unexpected(no_policy(in.AutoScalingGroupName.value_or(""), *in.PolicyName));
  }
  const std::string key = key_of(*policy->AutoScalingGroupName, *policy->PolicyName);
  book.policies.erase(key);
  CO_TRY_VOID(co_await draft.commit());
  co_return DeletePolicyOutput();
}

Task<Reply<ExecutePolicyOutput>> execute_policy(Context& context, const ExecutePolicyInput& in) {
  const auto* kept = policy_by(context.world.book<AutoScalingBook>(context.tenant),
                               in.AutoScalingGroupName, *in.PolicyName);
  if (kept == nullptr) {
    co_return tl::unexpected(no_policy(in.AutoScalingGroupName.value_or(""), *in.PolicyName));
  }
  const std::string group = *kept->AutoScalingGroupName;
  const std::string inner = inner_name(context, group);
  CO_TRY(const weir::Policy policy, policy_of(*kept, context.world.metrics_of(context.tenant)));
  const auto status = context.world.control().group_status(inner);
  if (!status) co_return tl::unexpected(fault_of(status.error()));
  std::uint32_t wanted = status->desired;
  if (policy.simple) {
    const auto cooldown = policy.simple->cooldown;
    if (in.HonorCooldown.value_or(false) && !status->activities.empty() &&
        context.now < status->activities.front().time + cooldown) {
      co_return refuse(
          "ScalingActivityInProgress",
          "Scaling activity is in progress: the cooldown of the policy has not passed");
    }
    wanted = scale::desired_by(*policy.simple, status->desired);
  } else if (policy.step) {
    if (!in.MetricValue || !in.BreachThreshold) {
      co_return tl::unexpected(
          invalid("MetricValue and BreachThreshold are required for a StepScaling policy"));
    }
    std::uint32_t starting = 0;
    for (const auto& one : status->instances) starting += one.state.starts_with("pending") ? 1 : 0;
    wanted = scale::desired_by_step(*policy.step, *in.MetricValue - *in.BreachThreshold,
                                    {.desired = status->desired, .warming = starting});
  } else {
    co_return tl::unexpected(invalid("Only simple and step scaling policies can be executed"));
  }
  wanted = std::clamp(wanted, status->min, status->max);
  if (wanted != status->desired) {
    auto scaling = context.world.control().scale(inner, wanted);
    const auto done = co_await scaling;
    if (!done) co_return tl::unexpected(fault_of(done.error()));
  }
  co_return ExecutePolicyOutput();
}

}  // namespace weir::amazon::autoscaling
