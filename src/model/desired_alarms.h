// What the user asked for in matters of alarms: what is watched, and what is done then. Plain
// values; part of desired.h.
#pragma once

#include <string>
#include <vector>

#include "model/alarm.h"

namespace weir {

// A policy is run, or a notification is told.
struct AlarmAction {
  std::string scaling_group;
  std::string policy;  // by its name; a step or simple one
  std::string notification;
  bool operator==(const AlarmAction&) const = default;
};

// An alarm of its own, as CloudWatch has them. Its metric is a name of the configuration's metrics,
// or one with a dimension (metric_name.h).
struct AlarmResource {
  Alarm alarm;
  bool actions_enabled = true;
  // What is done when it comes into the state; a policy again each period for as long as it stays.
  std::vector<AlarmAction> on_alarm;
  std::vector<AlarmAction> on_ok;
  std::vector<AlarmAction> on_insufficient_data;
  bool operator==(const AlarmResource&) const = default;
};

}  // namespace weir
