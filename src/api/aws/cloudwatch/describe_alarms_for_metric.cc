#include "api/aws/cloudwatch/book.h"

namespace weir::amazon::cloudwatch {
namespace {

std::map<std::string, std::string> plain(const aws::ListOf<Dimension>& dimensions) {
  std::map<std::string, std::string> all;
  for (const Dimension& one : dimensions) all[*one.Name] = *one.Value;
  return all;
}

}  // namespace

Task<Reply<DescribeAlarmsForMetricOutput>> describe_alarms_for_metric(
    Context& context, const DescribeAlarmsForMetricInput& in) {
  DescribeAlarmsForMetricOutput out;
  for (MetricAlarm& alarm : all_alarms(context)) {
    const bool same = alarm.MetricName == in.MetricName && alarm.Namespace == in.Namespace &&
                      plain(alarm.Dimensions) == plain(in.Dimensions) &&
                      (!in.Statistic || alarm.Statistic == in.Statistic) &&
                      (!in.ExtendedStatistic || alarm.ExtendedStatistic == in.ExtendedStatistic) &&
                      (!in.Period || alarm.Period == in.Period) &&
                      (!in.Unit || alarm.Unit == in.Unit);
    if (same) out.MetricAlarms.push_back(std::move(alarm));
  }
  return out;
}

}  // namespace weir::amazon::cloudwatch
