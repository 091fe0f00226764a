// Panic: when too few endpoints are fit, health says more about the checks than about the
// endpoints, and ignoring it serves more requests (fail open, as ALB and Envoy).
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/clock.h"
#include "model/snapshot.h"

namespace weir::judge {

struct Fitness {
  std::uint32_t healthy = 0;  // and not ejected
  std::uint32_t total = 0;    // that could take traffic: neither draining nor starting
};

// Where `checked` is false (a group without health checks) all count as healthy unless ejected.
Fitness count_fitness(std::span<const std::shared_ptr<const Endpoint>> endpoints, bool checked,
                      Time now);

// Is the healthy share below the threshold? With threshold 0: is none healthy? A group with no
// endpoint that could take traffic has nothing to fail open to.
bool panic(Fitness fitness, double threshold);

}  // namespace weir::judge
