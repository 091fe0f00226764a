// Measure: a metric of a scaling group by its name, as the datapoints that an alarm judges. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/alarm.h"
#include "scale/series.h"

namespace weir::scale {

// A whole second's value; nothing where it is not known, nor for latency.
std::optional<double> value_at(std::string_view metric, const Series& series, Time second);

// What was told of one second.
struct Told {
  double sum = 0;
  double count = 1;  // of samples, above 0
};
using TellSecond = std::function<std::optional<Told>(Time second)>;
// As below, of any metric that is known by the second. Statistics are of all samples, but minimum,
// maximum and percentiles of the means of seconds.
std::vector<std::optional<double>> datapoints(const Alarm& alarm, const TellSecond& tell, Time now,
                                              std::size_t count);

// One for each of the last `count` periods that are over, oldest first. Periods begin at multiples
// of their length. Latency is by percentile alone.
std::vector<std::optional<double>> datapoints(const Alarm& alarm, const Series& series, Time now,
                                              std::size_t count);

}  // namespace weir::scale
