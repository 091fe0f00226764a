// The warm pool: instances that have started ahead. EC2's rules ("Warm pools for Amazon EC2 Auto
// Scaling", user guide): it holds what is missing from the capacity that is to be prepared, at
// least its minimum; a scale-out takes from it first; with reuse a scale-in gives back to it.
#include <algorithm>

#include "scale/pass.h"

namespace weir::scale {
namespace {

std::vector<InstanceFacts*> members(Pass& p) {
  std::vector<InstanceFacts*> result;
  for (InstanceFacts& i : p.facts.instances) {
    if (pooled(i.state) && !i.exited) result.push_back(&i);
  }
  // Those first that are in service soonest.
  std::ranges::stable_sort(result, {}, [](const InstanceFacts* i) {
    return i->state == Lifecycle::warmed_running   ? 0
           : i->state == Lifecycle::warmed_stopped ? 1
                                                   : 2;
  });
  return result;
}

// In units of capacity.
std::uint32_t count(const Pass& p) {
  std::uint32_t units = 0;
  for (const InstanceFacts& i : p.facts.instances) {
    if (pooled(i.state) && !i.exited) units += i.weight;
  }
  return units;
}

// Will be back in it once it has drained, if there is a place.
bool reusable(const Pass& p, const InstanceFacts& i) {
  return p.options.warm_pool && p.options.warm_pool->reuse_on_scale_in &&
         i.cause == Cause::scale_in && i.in_service_since && i.healthy && !i.exited &&
         !i.stopping_since && i.version == p.facts.version;
}

}  // namespace

std::uint32_t pool_size(const Pass& p) {
  if (!p.options.warm_pool || p.options.max == 0) return 0;
  const std::uint32_t prepared = p.options.warm_pool->max_prepared.value_or(p.options.max);
  const std::uint32_t desired = *p.memory.desired;
  return std::max(p.options.warm_pool->min, prepared > desired ? prepared - desired : 0);
}

bool pool_wants(const Pass& p, const InstanceFacts& i) {
  return reusable(p, i) && i.in_flight == 0 && p.memory.desired && count(p) < pool_size(p);
}

void take_from_pool(Pass& p, std::uint32_t missing) {
  std::uint32_t taken = 0;
  for (InstanceFacts* i : members(p)) {
    if (taken >= missing) break;
    if (i->version != p.facts.version || i->outdated != Cause::none) continue;
    p.record(Activity::Status::successful, fmt::format("Instance {} leaves the warm pool", i->id),
             fmt::format("instance {} of group {} was in the warm pool and was needed", i->id,
                         p.facts.name),
             i->id);
    p.move(*i, Lifecycle::pending, Cause::none, "it was in the warm pool and is needed");
    taken += i->weight;
  }
}

void fill_pool(Pass& p) {
  const std::uint32_t size = pool_size(p);
  const std::uint32_t there = count(p);
  if (there > size) {
    std::vector<InstanceFacts*> all = members(p);
    std::uint32_t surplus = there - size;
    for (auto one = all.rbegin(); one != all.rend(); ++one) {
      InstanceFacts& i = **one;
      if (i.weight > surplus) continue;
      surplus -= i.weight;
      const std::string reason = "the warm pool holds more than it is to";
      p.record(Activity::Status::successful, fmt::format("Terminating instance {}", i.id),
               fmt::format("instance {} of group {} was selected for termination: {}", i.id,
                           p.facts.name, reason),
               i.id);
      p.drain(i, Cause::scale_in, reason);
    }
    return;
  }
  const auto to_come =
      static_cast<std::uint32_t>(std::ranges::count_if(p.facts.instances, [&](const auto& i) {
        return i.state == Lifecycle::terminating && reusable(p, i);
      }));
  if (there + to_come >= size || p.suspended("launch") || p.memory.backoff.rounds() > 0) return;
  if (p.facts.room && *p.facts.room == 0) return;
  // Those that serve come first.
  for (const InstanceFacts& i : p.facts.instances) {
    if (Pass::live(i) && !i.started) return;
  }
  std::uint32_t missing = size - there - to_come;
  if (p.facts.room) missing = std::min(missing, *p.facts.room);
  p.record(Activity::Status::successful,
           "Launching " + plural(missing, "instance") + " for the warm pool",
           fmt::format("the warm pool of group {} held {} and is to hold {}", p.facts.name, there,
                       size));
  Action action{Action::Kind::launch, {}, missing, Cause::none, "the warm pool is to be filled"};
  action.to = Lifecycle::warmed_pending;
  if (!p.options.mix) return launch_over_zones(p, std::move(action));
  for (const Share& share : launches(p, missing)) {
    action.count = share.count;
    action.launch_template = p.options.mix->templates[share.index].name;
    launch_over_zones(p, action);
  }
}

}  // namespace weir::scale
