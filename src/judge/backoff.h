// Backoff: how long to wait before trying again: exponential with full jitter (AWS architecture
// blog 2015, "Exponential backoff and jitter"), bounded.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"
#include "base/random.h"

namespace weir::judge {

// The longest wait before attempt `failures` + 1: `base` after the first failure, doubled after
// each further one, at most `most`.
inline Duration backoff_bound(Duration base, Duration most, std::uint32_t failures) {
  Duration bound = std::min(base, most);
  for (std::uint32_t n = 1; n < failures && bound > Duration(0) && bound < most; ++n) {
    bound = bound > most / 2 ? most : bound * 2;
  }
  return bound;
}

// Anything from 0 to the bound, so that those that failed together do not come back together.
inline Duration backoff(Duration base, Duration most, std::uint32_t failures, Random& random) {
  const Duration bound = backoff_bound(base, most, failures);
  if (bound <= Duration(0)) return Duration(0);
  return Duration(
      static_cast<std::int64_t>(random.below(static_cast<std::size_t>(bound.count()) + 1)));
}

}  // namespace weir::judge
