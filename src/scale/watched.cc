#include "scale/watched.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <vector>

#include "scale/alarm.h"
#include "scale/measure.h"

namespace weir::scale {

static_assert(std::chrono::seconds(Series::kSpan) >= kAlarmHistory);

Watched watch(const Alarm& alarm, const Series& series, Time now) {
  const std::size_t range = evaluation_range(alarm);
  // Where missing data leaves the state as it was, it comes from the periods before.
  const std::size_t past = alarm.missing_data == MissingData::ignore ? range : 0;
  const auto points = datapoints(alarm, series, now, range + past);
  Evaluation judged;
  for (std::size_t first = 0; first <= past; ++first) {
    judged = evaluate(alarm, std::span(points).subspan(first, range), judged.state);
  }

  Watched result;
  result.alarm = judged.state == AlarmState::alarm;
  if (judged.reason.ends_with('.')) judged.reason.pop_back();  // a clause, here
  result.reason = fmt::format("the alarm on {} was in state {} ({})", alarm.metric,
                              to_string(judged.state), judged.reason);
  for (const auto& point : points) {
    if (point) result.distance = *point - alarm.threshold;
  }
  result.period = alarm.period;
  return result;
}

Watched watch(const std::optional<Alarm>& alarm, const std::string& policy, const GroupFacts& facts,
              const Series& series, Time now) {
  if (alarm) return watch(*alarm, series, now);
  const auto run = std::find_if(facts.runs.begin(), facts.runs.end(),
                                [&](const Run& one) { return one.policy == policy; });
  Watched result;
  if (run == facts.runs.end()) {
    result.reason = fmt::format("no alarm ran policy {}", policy);
    return result;
  }
  result.alarm = true;
  result.distance = run->distance;
  result.period = run->period;
  result.reason = run->reason;
  return result;
}

}  // namespace weir::scale
