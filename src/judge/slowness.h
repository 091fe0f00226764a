// Slowness: who is far slower than the median of its group, by the average time to the first byte
// or to the end of an answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/desired.h"

namespace weir::judge {

// What is known of one endpoint.
struct Pace {
  std::uint32_t answers = 0;  // in the interval
  double first_byte = 0;      // decayed averages in seconds; 0 is unknown
  double latency = 0;
};

// The places of the outliers in `group`, the slowest first. Pure.
std::vector<std::size_t> slow_outliers(const SlowOutlier& options, std::span<const Pace> group);

}  // namespace weir::judge
