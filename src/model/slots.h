// How many requests may be at an endpoint at once.
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/desired.h"
#include "model/load.h"

namespace weir {

// The learned limit where there is one, never above max_in_flight; 0 is unlimited. Any thread.
inline std::uint32_t most_in_flight(const TargetGroup& options, const Load& load) {
  if (!options.adaptive_concurrency.enabled) return options.max_in_flight;
  std::uint32_t learned = load.limit.load(std::memory_order_relaxed);
  if (learned == 0) learned = options.adaptive_concurrency.initial;
  return options.max_in_flight == 0 ? learned : std::min(learned, options.max_in_flight);
}

}  // namespace weir
