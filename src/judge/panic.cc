#include "judge/panic.h"

namespace weir::judge {

Fitness count_fitness(std::span<const std::shared_ptr<const Endpoint>> endpoints, bool checked,
                      Time now) {
  Fitness fitness;
  for (const auto& endpoint : endpoints) {
    const Load& load = *endpoint->load;
    if (load.draining.load(std::memory_order_relaxed)) continue;
    const Health health = checked ? load.health.load(std::memory_order_relaxed) : Health::healthy;
    if (health == Health::starting) continue;
    ++fitness.total;
    const bool ejected = load.ejected_until.load(std::memory_order_relaxed) > ns(now);
    if (health == Health::healthy && !ejected) ++fitness.healthy;
  }
  return fitness;
}

bool panic(Fitness fitness, double threshold) {
  if (fitness.total == 0) return false;
  return fitness.healthy == 0 || fitness.healthy < threshold * fitness.total;
}

}  // namespace weir::judge
