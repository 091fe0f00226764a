#include <fmt/format.h>

#include <set>

#include "api/aws/cloudwatch/book.h"
#include "api/aws/cloudwatch/data.h"
#include "api/aws/world/arn.h"

namespace weir::amazon::cloudwatch {
namespace {

Reply<void> check_actions(const aws::ListOf<std::string>& actions) {
  for (const std::string& action : actions) {
    const auto arn = parse_arn(action);
    if (arn && (arn->service == "autoscaling" || arn->service == "sns")) continue;
    return refuse("ValidationError",
                  fmt::format("Invalid ARN, or one of no action that weir takes (a scaling policy, "
                              "a notification by arn:aws:sns): '{}'",
                              action));
  }
  return {};
}

Reply<void> check_alarm(Context& context, const PutMetricAlarmInput& in) {
  if (!in.MetricName || !in.Namespace) {
    return refuse("ValidationError", "MetricName and Namespace must be given.");
  }
  if (in.Statistic.has_value() == in.ExtendedStatistic.has_value()) {
    return refuse("InvalidParameterCombination",
                  "Exactly one of Statistic and ExtendedStatistic must be given.");
  }
  if (in.ExtendedStatistic && !percentile_of(*in.ExtendedStatistic)) {
    return refuse("ValidationError",
                  fmt::format("The statistic {} is none that weir computes: p0 to p100.",
                              *in.ExtendedStatistic));
  }
  if (!in.Period || !is_period(*in.Period)) {
    return refuse("ValidationError", "Period must be 10, 20, 30 or a multiple of 60.");
  }
  if (!in.Threshold || !in.EvaluationPeriods) {
    return refuse("ValidationError", "Threshold and EvaluationPeriods must be given.");
  }
  static const std::set<std::string> kComparisons = {"GreaterThanOrEqualToThreshold",
                                                     "GreaterThanThreshold", "LessThanThreshold",
                                                     "LessThanOrEqualToThreshold"};
  if (!kComparisons.contains(*in.ComparisonOperator)) {
    return refuse("ValidationError",
                  fmt::format("{} needs a model of anomalies, which weir has none of.",
                              *in.ComparisonOperator));
  }
  const std::string missing = in.TreatMissingData.value_or("missing");
  if (missing != "missing" && missing != "ignore" && missing != "breaching" &&
      missing != "notBreaching") {
    return refuse("ValidationError", fmt::format("TreatMissingData: unknown value {}", missing));
  }
  const Asked asked{*in.Namespace, *in.MetricName, in.Dimensions};
  if (!weir_metric(context.world, context.tenant, asked)) {
    return refuse("ValidationError",
                  fmt::format("weir does not measure {} {} with these dimensions: see "
                              "docs/guide/aws.md for what it does",
                              *in.Namespace, *in.MetricName));
  }
  TRY_VOID(check_actions(in.AlarmActions));
  TRY_VOID(check_actions(in.OKActions));
  return check_actions(in.InsufficientDataActions);
}

MetricAlarm alarm_of(const Context& context, const PutMetricAlarmInput& in) {
  MetricAlarm alarm;
  alarm.AlarmName = in.AlarmName;
  alarm.AlarmArn = alarm_arn(context.tenant, *in.AlarmName);
  alarm.AlarmDescription = in.AlarmDescription;
  alarm.AlarmConfigurationUpdatedTimestamp = context.now;
  alarm.ActionsEnabled = in.ActionsEnabled.value_or(true);
  alarm.OKActions = in.OKActions;
  alarm.AlarmActions = in.AlarmActions;
  alarm.InsufficientDataActions = in.InsufficientDataActions;
  for (auto* actions : {&alarm.OKActions, &alarm.AlarmActions, &alarm.InsufficientDataActions}) {
    actions->give();
  }
  alarm.MetricName = in.MetricName;
  alarm.Namespace = in.Namespace;
  alarm.Statistic = in.Statistic;
  alarm.ExtendedStatistic = in.ExtendedStatistic;
  alarm.Dimensions = in.Dimensions;
  alarm.Dimensions.give();
  alarm.Period = in.Period;
  alarm.Unit = in.Unit;
  alarm.EvaluationPeriods = in.EvaluationPeriods;
  alarm.DatapointsToAlarm = in.DatapointsToAlarm;
  alarm.Threshold = in.Threshold;
  alarm.ComparisonOperator = in.ComparisonOperator;
  alarm.TreatMissingData = in.TreatMissingData;
  return alarm;
}

}  // namespace

Task<Reply<PutMetricAlarmOutput>> put_metric_alarm(Context& context,
                                                   const PutMetricAlarmInput& in) {
  CO_TRY_VOID(check_alarm(context, in));
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& alarms = draft.books().edit<CloudWatchBook>().alarms;
  Kept<MetricAlarm> kept{.value = alarm_of(context, in), .made = context.now};
  if (const auto* before = alarms.find(*in.AlarmName)) {
    kept.tags = before->tags;  // an update leaves them as they are
    kept.made = before->made;
  } else {
    for (const Tag& tag : in.Tags) kept.tags[*tag.Key] = *tag.Value;
  }
  alarms.put(*in.AlarmName, std::move(kept));
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return PutMetricAlarmOutput{};
}

}  // namespace weir::amazon::cloudwatch
