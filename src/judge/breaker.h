// Circuit breaker: four limits of a group over all workers, after Envoy's. A tripped one answers at
// once instead of waiting. Counters are read without a lock: a limit may be passed by one a worker.
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/desired.h"
#include "model/load.h"

namespace weir::judge {

inline bool requests_tripped(const CircuitBreaker& options, const GroupLoad& load) {
  return options.requests != 0 &&
         load.in_flight.load(std::memory_order_relaxed) >= options.requests;
}

// May a connection more be opened for a request that holds a slot? Those that are kept unused, by
// other workers perhaps, refuse nobody.
inline bool connections_tripped(const CircuitBreaker& options, const GroupLoad& load) {
  return options.connections != 0 &&
         load.connections.load(std::memory_order_relaxed) >= options.connections &&
         load.in_flight.load(std::memory_order_relaxed) > options.connections;
}

// May a connection be kept unused?
inline bool may_keep(const CircuitBreaker& options, const GroupLoad& load) {
  return options.connections == 0 ||
         load.connections.load(std::memory_order_relaxed) <= options.connections;
}

// Does the breaker, rather than the queue's own length, bound the line?
inline bool bounds_line(const CircuitBreaker& options, const Queue& queue) {
  return options.pending != 0 && options.pending < queue.length;
}

// The line as both allow it.
inline Queue bounded(Queue queue, const CircuitBreaker& options) {
  if (bounds_line(options, queue)) queue.length = options.pending;
  return queue;
}

inline bool retries_tripped(const CircuitBreaker& options, const GroupLoad& load) {
  return options.retries != 0 && load.retrying.load(std::memory_order_relaxed) >= options.retries;
}

}  // namespace weir::judge
