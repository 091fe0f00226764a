#include <algorithm>

#include "api/aws/cloudwatch/book.h"

namespace weir::amazon::cloudwatch {
namespace {

bool is_wanted(const MetricAlarm& alarm, const DescribeAlarmsInput& in) {
  if (!in.AlarmNames.empty() && !std::ranges::count(in.AlarmNames, *alarm.AlarmName)) return false;
  if (in.AlarmNamePrefix && !alarm.AlarmName->starts_with(*in.AlarmNamePrefix)) return false;
  if (in.StateValue && alarm.StateValue != in.StateValue) return false;
  if (!in.ActionPrefix) return true;
  const auto begins = [&](const std::string& action) {
    return action.starts_with(*in.ActionPrefix);
  };
  return std::ranges::any_of(alarm.AlarmActions, begins) ||
         std::ranges::any_of(alarm.OKActions, begins) ||
         std::ranges::any_of(alarm.InsufficientDataActions, begins);
}

}  // namespace

Task<Reply<DescribeAlarmsOutput>> describe_alarms(Context& context, const DescribeAlarmsInput& in) {
  if (!in.AlarmNames.empty() && in.AlarmNamePrefix) {
    return refuse("ValidationError", "AlarmNamePrefix and AlarmNames are mutually exclusive");
  }
  DescribeAlarmsOutput out;
  out.CompositeAlarms.give();
  if (!in.AlarmTypes.empty() && !std::ranges::count(in.AlarmTypes, "MetricAlarm")) return out;
  std::vector<MetricAlarm> wanted;
  for (MetricAlarm& alarm : all_alarms(context)) {
    if (is_wanted(alarm, in)) wanted.push_back(std::move(alarm));
  }
  const auto most = static_cast<std::size_t>(in.MaxRecords.value_or(50));
  TRY(auto page, page_of(std::move(wanted), in.NextToken, most));
  out.MetricAlarms = std::move(page.items);
  out.NextToken = page.next;
  return out;
}

}  // namespace weir::amazon::cloudwatch
