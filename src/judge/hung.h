// Hung: an endpoint that has requests and gives no byte, though its health check passes. What is
// too long a silence is learned from the group: some times the slowest first byte of late.
#pragma once

#include <cmath>
#include <cstdint>

#include "base/clock.h"
#include "model/desired.h"
#include "model/load.h"

namespace weir::judge {

// For so long a slow first byte is remembered: after that it counts for a third.
inline constexpr Duration kSlowestMemory = 10min;
// Stamps of bytes are this old at most: a busy stream need not write one for each of its pieces.
inline constexpr Duration kByteStamp = 50ms;

// What is left of the slowest first byte (seconds) after `passed`.
inline double faded(double slowest, Duration passed) {
  return slowest * std::exp(-std::max(seconds(passed), 0.0) / seconds(kSlowestMemory));
}

// The silence that means hung; 0 while that is not known. `answers`: of the group so far.
inline Duration hung_after(const Outlier& options, double slowest, std::uint64_t answers) {
  const HungOutlier& hung = options.hung;
  if (!options.enabled || !hung.enabled || answers < hung.min_answers || slowest <= 0) {
    return Duration(0);
  }
  return std::max(hung.least, from_seconds(hung.factor * slowest));
}

// Has nothing come from the endpoint for that long, with a request waiting since `sent`?
inline bool hung(const Load& load, Duration after, Time sent, Time now) {
  if (after <= Duration(0)) return false;
  const Time last{Duration(load.last_byte.load(std::memory_order_relaxed))};
  return now - std::max(sent, last) >= after;
}

// A first byte came after so long.
inline void note_first_byte(Load& load, GroupLoad& group, Duration took, Time now) {
  constexpr double kNew = 0.1;  // part of a new time in the average
  const double time = std::max(seconds(took), 1e-9);
  const double before = load.first_byte.load(std::memory_order_relaxed);
  load.first_byte.store(before <= 0 ? time : before + kNew * (time - before),
                        std::memory_order_relaxed);
  load.last_byte.store(ns(now), std::memory_order_relaxed);
  if (time > group.slowest.load(std::memory_order_relaxed)) {
    group.slowest.store(time, std::memory_order_relaxed);
  }
}

// A further piece came.
inline void note_byte(Load& load, Time now) {
  if (ns(now) - load.last_byte.load(std::memory_order_relaxed) >= kByteStamp.count()) {
    load.last_byte.store(ns(now), std::memory_order_relaxed);
  }
}

}  // namespace weir::judge
