#include "health/fitness_watch.h"

#include <utility>

#include "judge/panic.h"

namespace weir::health {

FitnessWatch::Seen FitnessWatch::look(const Group& group, Time now) {
  const bool checked = group.options.health_check.enabled;
  const judge::Fitness fitness = judge::count_fitness(group.endpoints, checked, now);
  const bool panic = judge::panic(fitness, group.options.panic_threshold);
  // Whoever ejects an endpoint sets it too, so what is there may not be what we wrote.
  group.load->panic.store(panic, std::memory_order_relaxed);

  Seen seen;
  seen.healthy = fitness.healthy;
  seen.total = fitness.total;
  seen.panic_began = panic && !panic_;
  seen.panic_ended = !panic && panic_;
  seen.relief = seen.panic_began;
  for (const auto& endpoint : group.endpoints) {
    const std::int64_t until = endpoint->load->ejected_until.load(std::memory_order_relaxed);
    if (until > ns(looked_) && until <= ns(now)) seen.relief = true;
  }
  panic_ = panic;
  looked_ = now;
  return seen;
}

}  // namespace weir::health
