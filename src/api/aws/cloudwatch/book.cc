#include "api/aws/cloudwatch/book.h"

#include <fmt/format.h>

#include <charconv>

#include "api/aws/world/arn.h"

namespace weir::amazon::cloudwatch {

std::shared_ptr<Book> new_book() { return std::make_shared<CloudWatchBook>(); }

std::string alarm_arn(const Tenant& tenant, std::string_view name) {
  return make_arn("cloudwatch", tenant, fmt::format("alarm:{}", name));
}

std::map<std::string, control::AlarmStatus> standings(const World& world) {
  std::map<std::string, control::AlarmStatus> all;
  for (auto& one : world.control().alarms()) all.emplace(one.name, one);
  return all;
}

MetricAlarm described(const Context& context, const Kept<MetricAlarm>& kept,
                      const std::map<std::string, control::AlarmStatus>& standings) {
  MetricAlarm alarm = kept.value;
  const auto now = standings.find(context.world.name(context.tenant, *alarm.AlarmName));
  if (now == standings.end()) {
    alarm.StateValue = "INSUFFICIENT_DATA";
    alarm.StateReason = "Unchecked: what it watches is not there";
    alarm.StateUpdatedTimestamp = kept.made;
  } else {
    alarm.StateValue = now->second.state;
    alarm.StateReason = now->second.reason;
    alarm.StateUpdatedTimestamp = now->second.since;
    if (alarm.StateReason->empty()) alarm.StateReason = "Unchecked: Initial alarm creation";
  }
  alarm.StateTransitionedTimestamp = alarm.StateUpdatedTimestamp;
  return alarm;
}

namespace {

// An alarm that a file declares, in CloudWatch's words: its metric is of the namespace Weir.
MetricAlarm of_file(const Context& context, const std::string& name, const AlarmResource& one) {
  MetricAlarm alarm;
  alarm.AlarmName = name;
  alarm.AlarmArn = alarm_arn(context.tenant, name);
  alarm.ActionsEnabled = one.actions_enabled;
  alarm.Namespace = "Weir";
  if (const auto metric = parse_metric_name(one.alarm.metric)) {
    alarm.MetricName = metric->name;
    for (const auto& [key, value] : metric->dimensions) alarm.Dimensions.push_back({key, value});
  }
  static constexpr std::array<const char*, 5> kStatistics = {"Average", "Sum", "Minimum", "Maximum",
                                                             "SampleCount"};
  static constexpr std::array<const char*, 4> kComparisons = {
      "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold",
      "LessThanOrEqualToThreshold"};
  static constexpr std::array<const char*, 4> kMissing = {"missing", "ignore", "breaching",
                                                          "notBreaching"};
  if (one.alarm.percentile) {
    alarm.ExtendedStatistic = fmt::format("p{}", *one.alarm.percentile);
  } else {
    alarm.Statistic = kStatistics[static_cast<std::size_t>(one.alarm.statistic)];
  }
  alarm.Period = one.alarm.period / 1s;
  alarm.EvaluationPeriods = one.alarm.evaluation_periods;
  if (one.alarm.datapoints_to_alarm) alarm.DatapointsToAlarm = *one.alarm.datapoints_to_alarm;
  alarm.Threshold = one.alarm.threshold;
  alarm.ComparisonOperator = kComparisons[static_cast<std::size_t>(one.alarm.comparison)];
  alarm.TreatMissingData = kMissing[static_cast<std::size_t>(one.alarm.missing_data)];
  return alarm;
}

}  // namespace

std::vector<MetricAlarm> all_alarms(const Context& context) {
  const auto now = standings(context.world);
  std::map<std::string, MetricAlarm> all;
  if (context.world.is_home(context.tenant)) {
    for (const auto& [name, one] : context.world.control().desired().alarms) {
      if (context.world.control().owner(control::kAlarm, name) == kOrigin) continue;
      const Kept<MetricAlarm> kept{.value = of_file(context, name, one)};
      all.emplace(name, described(context, kept, now));
    }
  }
  for (const auto& [name, kept] : context.world.book<CloudWatchBook>(context.tenant).alarms) {
    all.insert_or_assign(name, described(context, *kept, now));
  }
  std::vector<MetricAlarm> list;
  for (auto& [name, alarm] : all) list.push_back(std::move(alarm));
  return list;
}

Reply<std::string> alarm_of_arn(const Context& context, const std::string& text) {
  const auto arn = parse_arn(text);
  constexpr std::string_view kBegin = "alarm:";
  if (!arn || arn->service != "cloudwatch" || !arn->resource.starts_with(kBegin)) {
    return refuse("InvalidParameterValue", fmt::format("'{}' is no ARN of an alarm", text));
  }
  const std::string name = arn->resource.substr(kBegin.size());
  if (!context.world.book<CloudWatchBook>(context.tenant).alarms.contains(name)) {
    return refuse("ResourceNotFoundException", fmt::format("Unknown alarm {}", name));
  }
  return name;
}

Reply<std::size_t> begin_of(const std::optional<std::string>& token, std::size_t size) {
  std::size_t begin = 0;
  if (!token || token->empty()) return begin;
  const auto [end, error] = std::from_chars(token->data(), token->data() + token->size(), begin);
  if (error != std::errc() || end != token->data() + token->size() || begin > size) {
    return refuse("InvalidNextToken", "The next token is not valid");
  }
  return begin;
}

}  // namespace weir::amazon::cloudwatch
