#include "api/aws/autoscaling/policies.h"

#include <fmt/format.h>

#include "api/aws/autoscaling/parts.h"
#include "api/aws/cloudwatch_names.h"
#include "aws/timestamp.h"

namespace weir::amazon::autoscaling {
namespace {

using std::chrono::seconds;

weir::AdjustmentType adjustment_type(const std::optional<std::string>& type) {
  if (type == "ExactCapacity") return weir::AdjustmentType::exact_capacity;
  if (type == "PercentChangeInCapacity") return weir::AdjustmentType::percent_change_in_capacity;
  return weir::AdjustmentType::change_in_capacity;
}

std::uint32_t magnitude(const model::ScalingPolicy& from) {
  if (adjustment_type(from.AdjustmentType) != weir::AdjustmentType::percent_change_in_capacity)
    return 0;
  return static_cast<std::uint32_t>(
      from.MinAdjustmentMagnitude.value_or(from.MinAdjustmentStep.value_or(0)));
}

struct Tracked {
  std::string metric;
  double factor = 1;  // weir's unit for one of AWS's
};

// A count of a minute is a rate of a second.
constexpr double kPerMinute = 1.0 / 60;

// Requests are counted over all target groups of the group: the label says which, and is kept.
aws::Reply<Tracked> predefined(const model::PredefinedMetricSpecification& from) {
  const std::string& type = *from.PredefinedMetricType;
  if (type == "ASGAverageCPUUtilization") return Tracked{"cpu_percent", 1};
  if (type == "ALBRequestCountPerTarget") {
    if (!from.ResourceLabel) {
      return tl::unexpected(invalid("ResourceLabel is required for ALBRequestCountPerTarget"));
    }
    return Tracked{"requests_per_second_per_endpoint", kPerMinute};
  }
  return tl::unexpected(invalid(fmt::format(
      "{} is not measured here: track ASGAverageCPUUtilization, ALBRequestCountPerTarget or a "
      "customized metric",
      type)));
}

aws::Reply<Tracked> customized(const model::CustomizedMetricSpecification& from,
                               const std::string& metrics_of) {
  if (!from.Namespace || !from.MetricName) {
    return tl::unexpected(invalid("A customized metric needs Namespace and MetricName"));
  }
  if (from.Namespace->starts_with("AWS/")) {
    if (from.Namespace == "AWS/EC2" && from.MetricName == "CPUUtilization") {
      return Tracked{"cpu_percent", 1};
    }
    return tl::unexpected(invalid(fmt::format("{} {} can't be tracked by a customized metric here",
                                              *from.Namespace, *from.MetricName)));
  }
  if (from.Statistic && from.Statistic != "Average") {
    return tl::unexpected(invalid("Statistic must be Average: a tracked metric is averaged here"));
  }
  std::map<std::string, std::string> dimensions;
  for (const model::MetricDimension& one : from.Dimensions) {
    dimensions[one.Name.value_or("")] = one.Value.value_or("");
  }
  return Tracked{
      to_string(custom_metric(*from.Namespace, *from.MetricName, dimensions, metrics_of)), 1};
}

aws::Reply<TargetTracking> tracking(const model::TargetTrackingConfiguration& from,
                                    const std::string& metrics_of) {
  Tracked tracked;
  if (from.PredefinedMetricSpecification) {
    TRY(tracked, predefined(*from.PredefinedMetricSpecification));
  } else if (from.CustomizedMetricSpecification) {
    TRY(tracked, customized(*from.CustomizedMetricSpecification, metrics_of));
  } else {
    return tl::unexpected(
        invalid("TargetTrackingConfiguration needs PredefinedMetricSpecification or "
                "CustomizedMetricSpecification"));
  }
  TargetTracking out;
  out.metric = tracked.metric;
  out.target = *from.TargetValue * tracked.factor;
  out.scale_in = !from.DisableScaleIn.value_or(false);
  return out;
}

aws::Reply<Predictive> predictive(const model::PredictiveScalingConfiguration& from) {
  if (from.MetricSpecifications.size() != 1) {
    return tl::unexpected(invalid("MetricSpecifications must hold one specification"));
  }
  const auto& spec = from.MetricSpecifications.front();
  std::string type;
  if (spec.PredefinedMetricPairSpecification) {
    type = *spec.PredefinedMetricPairSpecification->PredefinedMetricType;
  } else if (spec.PredefinedScalingMetricSpecification) {
    type = *spec.PredefinedScalingMetricSpecification->PredefinedMetricType;
    if (spec.PredefinedLoadMetricSpecification &&
        !spec.PredefinedLoadMetricSpecification->PredefinedMetricType->starts_with("ALB")) {
      type = *spec.PredefinedLoadMetricSpecification->PredefinedMetricType;
    }
  }
  if (!type.starts_with("ALB")) {
    return tl::unexpected(invalid(fmt::format("{} can't be forecast here: use ALBRequestCount",
                                              type.empty() ? "This metric" : type)));
  }
  Predictive out;
  out.metric = "requests_per_second_per_endpoint";
  out.target = *spec.TargetValue * kPerMinute;
  out.mode = from.Mode == "ForecastAndScale" ? "forecast_and_scale" : "forecast_only";
  out.buffer = seconds(from.SchedulingBufferTime.value_or(300));
  return out;
}

}  // namespace

aws::Reply<Policy> policy_of(const model::ScalingPolicy& from, const std::string& metrics_of) {
  Policy policy;
  policy.name = *from.PolicyName;
  const std::string type = from.PolicyType.value_or("SimpleScaling");
  if (type == "TargetTrackingScaling") {
    if (!from.TargetTrackingConfiguration) {
      return tl::unexpected(invalid("TargetTrackingConfiguration is required"));
    }
    TRY(policy.target_tracking, tracking(*from.TargetTrackingConfiguration, metrics_of));
  } else if (type == "StepScaling") {
    StepScaling step;
    step.type = adjustment_type(from.AdjustmentType);
    step.min_adjustment_magnitude = magnitude(from);
    for (const model::StepAdjustment& one : from.StepAdjustments) {
      step.steps.push_back({.lower = one.MetricIntervalLowerBound,
                            .upper = one.MetricIntervalUpperBound,
                            .adjustment = static_cast<std::int32_t>(*one.ScalingAdjustment)});
    }
    policy.step = std::move(step);
  } else if (type == "PredictiveScaling") {
    if (!from.PredictiveScalingConfiguration) {
      return tl::unexpected(invalid("PredictiveScalingConfiguration is required"));
    }
    TRY(policy.predictive, predictive(*from.PredictiveScalingConfiguration));
  } else {
    SimpleScaling simple;
    simple.type = adjustment_type(from.AdjustmentType);
    simple.min_adjustment_magnitude = magnitude(from);
    simple.adjustment = static_cast<std::int32_t>(from.ScalingAdjustment.value_or(0));
    simple.cooldown = seconds(from.Cooldown.value_or(300));
    policy.simple = simple;
  }
  return policy;
}

Policy policy_of(const model::ScheduledUpdateGroupAction& from) {
  const auto text = [](WallTime time) {
    return aws::write_timestamp(time, aws::TimeFormat::iso8601);
  };
  Scheduled out;
  if (from.Recurrence) {
    out.schedule = *from.Recurrence;
    out.time_zone = from.TimeZone.value_or("UTC");
    if (from.StartTime) out.start = text(*from.StartTime);
    if (from.EndTime) out.end = text(*from.EndTime);
  } else if (from.StartTime) {
    out.at = text(*from.StartTime);
  }
  const auto count = [](const std::optional<std::int64_t>& number) -> std::optional<std::uint32_t> {
    if (!number || *number < 0) return std::nullopt;
    return static_cast<std::uint32_t>(*number);
  };
  out.min = count(from.MinSize);
  out.max = count(from.MaxSize);
  out.desired = count(from.DesiredCapacity);
  Policy policy;
  policy.name = "scheduled-" + hex_of(*from.ScheduledActionName, 16);
  policy.scheduled = std::move(out);
  return policy;
}

}  // namespace weir::amazon::autoscaling
