// Pace: how fast the policies of a scaling group may move it, one direction at a time. Plain
// values; scale/rate_limit.h says what they mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace weir {

// At most so many instances, or such a share of what there was when the period began.
struct PaceLimit {
  std::optional<std::uint32_t> instances;
  std::optional<double> percent;
  Duration period = 60s;
  bool operator==(const PaceLimit&) const = default;
};

struct Pace {
  Duration stabilization = 0s;  // the most careful wish of this long counts
  std::vector<PaceLimit> limits;
  std::string select = "max";  // of several limits: max (the widest), min, disabled (no change)
  bool operator==(const Pace&) const = default;
};

}  // namespace weir
