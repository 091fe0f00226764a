// Alarm: whether a metric's last datapoints breach a threshold, as CloudWatch judges it. Pure.
//
// Source: CloudWatch user guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat
// missing data" (alarm-evaluation, alarms-and-missing-data; before 2024 both in
// AlarmThatSendsEmail). The reasons follow those that CloudWatch sends in its notifications.
//
// The newest evaluation_periods (N) datapoints that exist in the evaluation range decide: with
// datapoints_to_alarm (M) breaching ones it is alarm, else ok. Where fewer than N exist, the rest
// is filled in as breaching or not_breaching says. With missing or ignore nothing is filled in:
//   M breaching ones exist                          alarm
//   one that does not breach exists                 ok
//   all breach, and the oldest is M periods old     missing: alarm; ignore: as before
//   all breach, and the oldest is younger, or none  missing: insufficient_data; ignore: as before
// The newest period is one period old. That a few young breaching datapoints alone are insufficient
// data is in the guide's tables of 2018 and 2019 (- - - - X); later ones leave that row out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/alarm.h"

namespace weir::scale {

enum class AlarmState : std::uint8_t { ok, alarm, insufficient_data };

struct Evaluation {
  AlarmState state = AlarmState::insufficient_data;
  // What was seen. Where the state stays, CloudWatch keeps the reason of the last change instead.
  std::string reason;
};

// `datapoints` of consecutive periods, newest last; those before the evaluation range are not read,
// and those that lack in it are missing, as is one that is no finite number. `newest` is the begin
// of the newest period, for the reason. Options that have mistakes must not be given.
Evaluation evaluate(const Alarm& alarm, std::span<const std::optional<double>> datapoints,
                    AlarmState before, std::optional<WallTime> newest = std::nullopt);

std::string_view to_string(AlarmState state);

}  // namespace weir::scale
