// Retry budget: retries in flight are a bounded share of the group's active requests, with a
// floor for quiet groups, so that a failing group is never flooded by retries (as Envoy's
// retry_budget; Finagle's counts rates instead).
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/desired.h"
#include "model/load.h"

namespace weir::judge {

// Most retries in flight at once beside so many active requests.
inline std::uint32_t most_retries(const Retry& options, std::uint32_t active) {
  const double share = std::max(options.budget, 0.0) * active;
  return std::max(options.budget_floor, static_cast<std::uint32_t>(std::min(share, 4e9)));
}

// Takes one retry out of the budget if there is one; the active requests are those that hold a
// slot, this one's included while it does. Never more than `limit` at once, unless that is 0. Any
// thread. Whoever took one gives it back.
inline bool take_retry(GroupLoad& group, const Retry& options, std::uint32_t limit = 0) {
  std::uint32_t retrying = group.retrying.load(std::memory_order_relaxed);
  do {
    const std::uint32_t active = group.in_flight.load(std::memory_order_relaxed);
    if (retrying >= most_retries(options, active) || (limit != 0 && retrying >= limit))
      return false;
  } while (
      !group.retrying.compare_exchange_weak(retrying, retrying + 1, std::memory_order_relaxed));
  return true;
}
inline void give_retry_back(GroupLoad& group) {
  group.retrying.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace weir::judge
