#include "model/alarm.h"

#include <fmt/format.h>

#include <cmath>

#include "base/units.h"

namespace weir {

std::vector<std::string> mistakes(const Alarm& alarm) {
  std::vector<std::string> out;
  if (alarm.metric.empty()) out.push_back("metric: is empty; name one");
  if (alarm.percentile && !(*alarm.percentile >= 0 && *alarm.percentile <= 100)) {
    out.push_back(fmt::format("percentile: {:g} is none; write 0 to 100", *alarm.percentile));
  }
  if (alarm.period < 1s || alarm.period % 1s != 0s) {
    out.push_back(fmt::format("period: {} is no whole number of seconds; write at least 1s",
                              to_string(alarm.period)));
  }
  if (alarm.evaluation_periods == 0) {
    out.push_back("evaluation_periods: is 0; write at least 1");
  } else if (needed(alarm) == 0 || needed(alarm) > alarm.evaluation_periods) {
    out.push_back(
        fmt::format("datapoints_to_alarm: {} is not within evaluation_periods; write 1 "
                    "to {}",
                    needed(alarm), alarm.evaluation_periods));
  }
  if (!std::isfinite(alarm.threshold)) {
    out.push_back(fmt::format("threshold: {} is no number; write one", alarm.threshold));
  }
  return out;
}

}  // namespace weir
