// Alarms: the alarms of the configuration at work: judged each second, remembered over restarts,
// told to whoever is to be told.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/events.h"
#include "control/meters.h"
#include "control/records.h"
#include "control/status.h"
#include "scale/alarm_board.h"

namespace weir::control {

// Lives on the control thread.
class Alarms {
 public:
  // `tell`: a notification by its name. `run`: a scaling group whose policies are run or not any
  // more.
  struct Hooks {
    std::function<void(const std::string& notification, const Event&)> tell;
    std::function<void(const std::string& scaling_group)> run;
  };
  Alarms(Records& records, Events& events, Hooks hooks);

  // From now on these. Blocks for a read of what is known of new ones.
  void update(const Named<AlarmResource>& alarms, MeterMoment at);
  // Once a second.
  void step(const Meters& meters, MeterMoment at);
  // As CloudWatch's SetAlarmState: until the next evaluation; its actions are done.
  Result<> set(const std::string& alarm, scale::AlarmState state, std::string reason, WallTime now);

  // Those that are in alarm now.
  Names in_alarm() const;
  std::vector<scale::Run> runs(const std::string& scaling_group) const;
  std::vector<AlarmStatus> status() const;

 private:
  void changed(const scale::AlarmChange& change);

  Records& records_;
  Events& events_;
  Hooks hooks_;
  scale::AlarmBoard board_;
};

}  // namespace weir::control
