#include "health/fitness_watch.h"

#include <utility>

#include "judge/panic.h"
#include "judge/zones.h"

namespace weir::health {
namespace {

// What each zone takes as things are now, for the workers to draw by.
void share_zones(const Group& group, Time now) {
  const auto zones = judge::zone_facts(group.endpoints, group.options.health_check.enabled, now);
  const std::uint32_t bad = judge::panicking(zones, group.options.zone_panic_threshold);
  group.load->zone_panic.store(bad, std::memory_order_relaxed);
  auto shares = judge::zone_shares(zones, group.zones.own, group.zones.away | bad);
  for (std::size_t i = 0; i < kZones; ++i) {
    group.load->zone_shares[i].store(static_cast<std::uint16_t>(shares[i] * 65535 + 0.5),
                                     std::memory_order_relaxed);
  }
}

}  // namespace

FitnessWatch::Seen FitnessWatch::look(const Group& group, Time now) {
  const judge::Fitness fitness = judge::count_fitness(group, now);
  const bool panic = judge::panic(fitness, group.options.panic_threshold);
  // Whoever ejects an endpoint sets it too, so what is there may not be what we wrote.
  group.load->panic.store(panic, std::memory_order_relaxed);

  if (group.zones.own != 0 && group.zones.cross != CrossZone::on) share_zones(group, now);

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
