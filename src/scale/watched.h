// Watched: the alarm that a policy goes by, judged from the series, or told by the alarms of the
// configuration. Pure.
#pragma once

#include <optional>
#include <string>

#include "model/alarm.h"
#include "scale/facts.h"
#include "scale/series.h"

namespace weir::scale {

struct Watched {
  bool alarm = false;
  double distance = 0;  // the newest datapoint less the threshold, in alarm
  Duration period{60s};
  std::string reason;  // a clause in the past tense
};

Watched watch(const Alarm& alarm, const Series& series, Time now);

// Of a policy: its own alarm, or without one what the facts say of its name.
Watched watch(const std::optional<Alarm>& alarm, const std::string& policy, const GroupFacts& facts,
              const Series& series, Time now);

}  // namespace weir::scale
