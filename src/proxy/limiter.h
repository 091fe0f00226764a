// Limiter: the learned limit of one endpoint (admit::Gradient), shared by all workers.
#pragma once

#include <mutex>

#include "admit/gradient.h"
#include "model/load.h"

namespace weir::proxy {

// Any thread. Used only where adaptive_concurrency is on.
class Limiter {
 public:
  // One answer (Gradient::answered). Where another worker is just telling its own, this one is left
  // out: the limit is drawn from samples anyway, and nobody waits.
  void answered(const AdaptiveConcurrency& options, Load& load, Time sent, Duration took,
                Time now) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) return;
    gradient_.answered(options, sent, took, load.in_flight.load(std::memory_order_relaxed), now);
    load.limit.store(gradient_.limit(options), std::memory_order_relaxed);
  }

 private:
  std::mutex mutex_;
  admit::Gradient gradient_;
};

}  // namespace weir::proxy
