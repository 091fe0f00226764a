// Alarms as weir has them. What they watch or do that is not there (any more) is left out: the
// alarm is then in INSUFFICIENT_DATA, or does nothing, as with CloudWatch.
#include <fmt/format.h>

#include <algorithm>

#include "api/aws/cloudwatch/book.h"
#include "api/aws/cloudwatch/data.h"
#include "api/aws/world/arn.h"

namespace weir::amazon::cloudwatch {
namespace {

template <class T>
bool in_both(const Named<T>& ours, const Named<T>& all, const std::string& name, const World& world,
             const char* kind) {
  return ours.contains(name) ||
         (all.contains(name) && world.control().owner(kind, name) != kOrigin);
}

bool is_there(const Compiling& what, const weir::MetricName& metric) {
  const Desired& all = what.world.control().desired();
  const Desired& ours = what.out.desired;
  for (const auto& [subject, name] : metric.dimensions) {
    if (is_custom(metric.name)) return true;
    if (subject == "scaling_group") {
      return in_both(ours.scaling_groups, all.scaling_groups, name, what.world,
                     control::kScalingGroup);
    }
    if (subject == "target_group") {
      return in_both(ours.target_groups, all.target_groups, name, what.world,
                     control::kTargetGroup);
    }
  }
  return true;
}

// scalingPolicy:ID:autoScalingGroupName/GROUP:policyName/POLICY
std::optional<AlarmAction> policy_of(const Compiling& what, std::string_view resource) {
  constexpr std::string_view kGroup = ":autoScalingGroupName/";
  constexpr std::string_view kPolicy = ":policyName/";
  const auto group = resource.find(kGroup);
  const auto policy = resource.find(kPolicy);
  if (group == resource.npos || policy == resource.npos || policy < group) return std::nullopt;
  AlarmAction action;
  const auto begin = group + kGroup.size();
  action.scaling_group = what.world.name(what.tenant, resource.substr(begin, policy - begin));
  action.policy = resource.substr(policy + kPolicy.size());
  const auto find = [&](const Desired& desired) {
    const auto found = desired.scaling_groups.find(action.scaling_group);
    if (found == desired.scaling_groups.end()) return false;
    return std::ranges::any_of(found->second.policies, [&](const Policy& one) {
      return one.name == action.policy && (one.step || one.simple);
    });
  };
  const control::Control& control = what.world.control();
  const bool of_file = control.owner(control::kScalingGroup, action.scaling_group) != kOrigin;
  if (find(what.out.desired) || (of_file && find(control.desired()))) return action;
  return std::nullopt;
}

std::vector<AlarmAction> actions_of(const Compiling& what,
                                    const aws::ListOf<std::string>& actions) {
  std::vector<AlarmAction> all;
  for (const std::string& text : actions) {
    const auto arn = parse_arn(text);
    if (!arn) continue;
    if (arn->service == "autoscaling") {
      if (auto action = policy_of(what, arn->resource)) all.push_back(std::move(*action));
    } else if (what.world.control().desired().notifications.contains(arn->resource)) {
      AlarmAction action;
      action.notification = arn->resource;
      all.push_back(std::move(action));
    }
  }
  return all;
}

Alarm options_of(const MetricAlarm& from, std::string metric) {
  Alarm alarm;
  alarm.metric = std::move(metric);
  if (from.ExtendedStatistic) {
    alarm.percentile = percentile_of(*from.ExtendedStatistic);
  } else {
    alarm.statistic = *from.Statistic == "Sum"           ? Statistic::sum
                      : *from.Statistic == "Minimum"     ? Statistic::minimum
                      : *from.Statistic == "Maximum"     ? Statistic::maximum
                      : *from.Statistic == "SampleCount" ? Statistic::sample_count
                                                         : Statistic::average;
  }
  alarm.period = std::chrono::seconds(*from.Period);
  alarm.evaluation_periods = static_cast<std::uint32_t>(*from.EvaluationPeriods);
  if (from.DatapointsToAlarm) {
    alarm.datapoints_to_alarm = static_cast<std::uint32_t>(*from.DatapointsToAlarm);
  }
  alarm.threshold = *from.Threshold;
  const std::string& comparison = *from.ComparisonOperator;
  alarm.comparison = comparison == "GreaterThanOrEqualToThreshold" ? Comparison::greater_or_equal
                     : comparison == "LessThanThreshold"           ? Comparison::less
                     : comparison == "LessThanOrEqualToThreshold"  ? Comparison::less_or_equal
                                                                   : Comparison::greater;
  const std::string missing = from.TreatMissingData.value_or("missing");
  alarm.missing_data = missing == "ignore"         ? MissingData::ignore
                       : missing == "breaching"    ? MissingData::breaching
                       : missing == "notBreaching" ? MissingData::not_breaching
                                                   : MissingData::missing;
  return alarm;
}

}  // namespace

void compile(const Compiling& what) {
  for (const auto& [name, kept] : what.books.get<CloudWatchBook>().alarms) {
    const MetricAlarm& alarm = kept->value;
    const std::string statistic = alarm.ExtendedStatistic.value_or("");
    const Asked asked{*alarm.Namespace, *alarm.MetricName, alarm.Dimensions, statistic};
    const auto metric = weir_metric(what.world, what.tenant, asked);
    if (!metric || !is_there(what, *metric)) continue;
    AlarmResource one;
    one.alarm = options_of(alarm, to_string(*metric));
    // A percentile of latency is a metric of its own, whose mean is then watched.
    if (metric->name.starts_with("latency_p")) one.alarm.percentile.reset();
    one.actions_enabled = *alarm.ActionsEnabled;
    one.on_alarm = actions_of(what, alarm.AlarmActions);
    one.on_ok = actions_of(what, alarm.OKActions);
    one.on_insufficient_data = actions_of(what, alarm.InsufficientDataActions);
    what.out.desired.alarms.emplace(what.world.name(what.tenant, name), std::move(one));
  }
}

}  // namespace weir::amazon::cloudwatch
