#include "judge/thresholds.h"

#include <algorithm>

namespace weir::judge {

Turn on_check(Load& load, Streak& streak, const HealthCheck& options, bool passed, Time now,
              bool launched) {
  const Health before = load.health.load(std::memory_order_relaxed);
  if (passed) {
    streak.failed = 0;
    ++streak.passed;
    const std::uint32_t needed = before == Health::starting ? 1 : std::max(1u, options.healthy);
    if (before == Health::healthy || streak.passed < needed) return Turn::none;
    load.in_service_since.store(ns(now), std::memory_order_relaxed);
    load.health.store(Health::healthy, std::memory_order_relaxed);
    return Turn::healthy;
  }
  streak.passed = 0;
  ++streak.failed;
  const bool may_turn = before == Health::healthy || (before == Health::starting && !launched);
  if (!may_turn || streak.failed < std::max(1u, options.unhealthy)) return Turn::none;
  load.health.store(Health::unhealthy, std::memory_order_relaxed);
  return Turn::unhealthy;
}

}  // namespace weir::judge
