#include <fmt/format.h>

#include <algorithm>

#include "api/aws/cloudwatch/book.h"

namespace weir::amazon::cloudwatch {
namespace {

void add_history(const DescribeAlarmHistoryInput& in, const std::string& name,
                 const control::AlarmStatus& status, std::vector<AlarmHistoryItem>& all) {
  for (const control::AlarmChangeStatus& change : status.history) {
    if (in.StartDate && change.time < *in.StartDate) continue;
    if (in.EndDate && change.time > *in.EndDate) continue;
    AlarmHistoryItem item;
    item.AlarmName = name;
    item.AlarmType = "MetricAlarm";
    item.Timestamp = change.time;
    item.HistoryItemType = "StateUpdate";
    item.HistorySummary = fmt::format("Alarm updated from {} to {}", change.from, change.to);
    item.HistoryData = change.reason;
    all.push_back(std::move(item));
  }
}

}  // namespace

Task<Reply<DescribeAlarmHistoryOutput>> describe_alarm_history(
    Context& context, const DescribeAlarmHistoryInput& in) {
  std::vector<AlarmHistoryItem> all;
  const bool updates = !in.HistoryItemType || *in.HistoryItemType == "StateUpdate";
  const bool metric_alarms =
      in.AlarmTypes.empty() || std::ranges::count(in.AlarmTypes, "MetricAlarm") > 0;
  const auto now = standings(context.world);
  for (const MetricAlarm& alarm : all_alarms(context)) {
    if (!updates || !metric_alarms || (in.AlarmName && alarm.AlarmName != in.AlarmName)) continue;
    const auto found = now.find(context.world.name(context.tenant, *alarm.AlarmName));
    if (found != now.end()) add_history(in, *alarm.AlarmName, found->second, all);
  }
  const bool oldest_first = in.ScanBy == "TimestampAscending";
  std::ranges::stable_sort(all, [&](const AlarmHistoryItem& a, const AlarmHistoryItem& b) {
    return oldest_first ? *a.Timestamp < *b.Timestamp : *a.Timestamp > *b.Timestamp;
  });
  const auto most = static_cast<std::size_t>(in.MaxRecords.value_or(100));
  TRY(auto page, page_of(std::move(all), in.NextToken, most));
  DescribeAlarmHistoryOutput out;
  out.AlarmHistoryItems = std::move(page.items);
  out.NextToken = page.next;
  return out;
}

}  // namespace weir::amazon::cloudwatch
