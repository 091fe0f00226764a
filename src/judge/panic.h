// Panic: when too few endpoints are fit, health says more about the checks than about the
// endpoints, and ignoring it serves more requests (fail open, as ALB and Envoy).
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/clock.h"
#include "model/snapshot.h"

namespace weir::judge {

// Can an endpoint take traffic? none: it could not even if it were healthy (draining, starting).
enum class Fit : std::uint8_t { none, no, yes };
// Where `checked` is false (a group without health checks) it counts as healthy unless ejected.
Fit fitness_of(const Load& load, bool checked, Time now);

struct Fitness {
  std::uint32_t healthy = 0;  // and not ejected
  std::uint32_t total = 0;    // that could take traffic: neither draining nor starting
};

// `away`: a bit for each zone that was shifted away: its endpoints do not count while there are
// others.
Fitness count_fitness(std::span<const std::shared_ptr<const Endpoint>> endpoints, bool checked,
                      Time now, std::uint32_t away = 0);
// Of a group as its options and zones have it.
Fitness count_fitness(const Group& group, Time now);

// Is the healthy share below the threshold? With threshold 0: is none healthy? A group with no
// endpoint that could take traffic has nothing to fail open to.
bool panic(Fitness fitness, double threshold);

}  // namespace weir::judge
