#include "judge/panic.h"

namespace weir::judge {

Fit fitness_of(const Load& load, bool checked, Time now) {
  if (load.draining.load(std::memory_order_relaxed)) return Fit::none;
  const Health health = checked ? load.health.load(std::memory_order_relaxed) : Health::healthy;
  if (health == Health::starting) return Fit::none;
  const bool ejected = load.ejected_until.load(std::memory_order_relaxed) > ns(now);
  return health == Health::healthy && !ejected ? Fit::yes : Fit::no;
}

Fitness count_fitness(std::span<const std::shared_ptr<const Endpoint>> endpoints, bool checked,
                      Time now, std::uint32_t away) {
  Fitness fitness;
  std::uint32_t shifted = 0;
  for (const auto& endpoint : endpoints) {
    const Fit fit = fitness_of(*endpoint->load, checked, now);
    if (fit == Fit::none) continue;
    if (away >> endpoint->zone_index & 1) {
      ++shifted;
      continue;
    }
    ++fitness.total;
    if (fit == Fit::yes) ++fitness.healthy;
  }
  // Nothing but what was shifted away: none of it is to take traffic, and none else can.
  if (fitness.total == 0) fitness.total = shifted;
  return fitness;
}

Fitness count_fitness(const Group& group, Time now) {
  return count_fitness(group.endpoints, group.options.health_check.enabled, now, group.zones.away);
}

bool panic(Fitness fitness, double threshold) {
  if (fitness.total == 0) return false;
  return fitness.healthy == 0 || fitness.healthy < threshold * fitness.total;
}

}  // namespace weir::judge
