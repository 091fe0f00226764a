// Watched: a policy's own alarm, judged from the series. Pure.
#pragma once

#include <optional>
#include <string>

#include "model/alarm.h"
#include "scale/series.h"

namespace weir::scale {

struct Watched {
  bool alarm = false;
  double distance = 0;  // the newest datapoint less the threshold, in alarm
  std::string reason;   // a clause in the past tense
};

Watched watch(const Alarm& alarm, const Series& series, Time now);

}  // namespace weir::scale
