// Stretches: means of a metric over any stretch of its last seconds, each in constant time once
// it is made. The same as Series::window says, but for the rounding of sums.
#pragma once

#include <cstdint>
#include <vector>

#include "scale/series.h"

namespace weir::scale {

// A plain value; knows nothing of what is added to the series later.
class Stretches {
 public:
  // Of the `length` seconds up to that of `end`.
  Stretches(const Series& series, Metric metric, Time end, std::uint32_t length);

  struct Mean {
    double mean = 0;
    std::uint32_t seconds = 0;  // that had a sample
    bool missing() const { return seconds == 0; }
  };
  // Of the `seconds` up to the one that is `ago` seconds before `end`; of what is known of them.
  Mean mean(std::uint32_t ago, std::uint32_t seconds) const;

 private:
  struct Sum {
    double value = 0;
    std::uint32_t seconds = 0;
  };
  std::vector<Sum> sums_;  // of all seconds before; the last one is of all
};

}  // namespace weir::scale
