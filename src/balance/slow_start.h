// Slow start: the share of its full traffic that a new endpoint gets, after Envoy: in a straight
// line (ALB's slow_start.duration_seconds) with aggression 1, faster at first above 1. Pure.
#pragma once

#include <algorithm>
#include <cmath>

namespace weir::balance {

// `passed`: the part of the time that is over, 0..1.
inline double ramp_share(double passed, double aggression, double least) {
  const double part = std::clamp(passed, 0.0, 1.0);
  const double grown = aggression == 1 ? part : std::pow(part, 1 / aggression);
  // Never quite 0: a cost is divided by it.
  return std::max({grown, least, 1e-3});
}

}  // namespace weir::balance
