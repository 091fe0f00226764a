// Options of an alarm: which values of a metric are too many, and how many of them. Plain values,
// as CloudWatch's PutMetricAlarm takes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace weir {

// What makes one datapoint of a period's samples.
enum class Statistic : std::uint8_t { average, sum, minimum, maximum, sample_count };

// A datapoint breaches when it is ... the threshold.
enum class Comparison : std::uint8_t { greater_or_equal, greater, less, less_or_equal };

// What a period without a datapoint counts as.
enum class MissingData : std::uint8_t {
  missing,       // nothing; without any datapoint the state is insufficient_data
  ignore,        // nothing; where the datapoints do not suffice the state stays
  breaching,     // beyond the threshold
  not_breaching  // within it
};

struct Alarm {
  std::string metric;
  Statistic statistic = Statistic::average;
  std::optional<double> percentile;  // 0 to 100, instead of the statistic
  Duration period = 60s;             // of one datapoint
  std::uint32_t evaluation_periods = 1;
  std::optional<std::uint32_t> datapoints_to_alarm;  // of them, in any order; default: all
  double threshold = 0;
  Comparison comparison = Comparison::greater;
  MissingData missing_data = MissingData::missing;
  bool operator==(const Alarm&) const = default;
};

// Of evaluation_periods, those that have to breach.
inline std::uint32_t needed(const Alarm& alarm) {
  return alarm.datapoints_to_alarm.value_or(alarm.evaluation_periods);
}

// How many periods are looked back at. CloudWatch's guide says 5 for 3 evaluation periods, and
// otherwise only that it is more than these and depends on the period; weir takes two more.
inline std::uint32_t evaluation_range(const Alarm& alarm) { return alarm.evaluation_periods + 2; }
// For how long the seconds are kept that datapoints are made of.
inline constexpr Duration kAlarmHistory = 3h;

// All that is wrong with the options, each a phrase with its remedy; empty: nothing.
std::vector<std::string> mistakes(const Alarm& alarm);

}  // namespace weir
