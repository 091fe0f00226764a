// Replacing: instances whose place another is to take, by an instance refresh, for their age or for
// the balance of zones: as many at a time as the maintenance settings leave. EC2's percentages: the
// least is rounded up, the most down, and one can always go.
#include <algorithm>

#include "scale/pass.h"
#include "scale/victim.h"

namespace weir::scale {
namespace {

void too_old(Pass& p) {
  if (!p.options.max_instance_lifetime) return;
  for (InstanceFacts& i : p.facts.instances) {
    if (!counts(i.state) && !pooled(i.state)) continue;
    const Time end = i.launched + *p.options.max_instance_lifetime;
    if (p.now() < end) {
      p.wake_at(end);
    } else if (i.outdated == Cause::none) {
      i.outdated = Cause::lifetime;
    }
  }
}

// Ready to serve in the place of an outdated one.
bool ready(const Pass& p, const InstanceFacts& i) {
  if (i.state != Lifecycle::in_service || i.exited || !i.healthy) return false;
  if (i.outdated != Cause::none) return true;
  const auto& refresh = p.memory.refresh;
  const bool refreshing = refresh && running(*refresh);
  const Duration warm_up =
      refreshing ? refresh->options.warm_up.value_or(p.options.warm_up) : p.options.warm_up;
  return warm(i, warm_up, p.now());
}

std::string why(const InstanceFacts& i) {
  switch (i.outdated) {
    case Cause::refresh:
      return fmt::format("it is of version {}, and an instance refresh replaces it", i.version);
    case Cause::lifetime:
      return "it is older than the maximum instance lifetime";
    case Cause::rebalance:
      return fmt::format("its zone, {}, has more than its share", i.zone);
    default:
      return "";
  }
}

void take(Pass& p, InstanceFacts& i) {
  const std::string reason = why(i);
  p.record(Activity::Status::successful, fmt::format("Replacing instance {}", i.id),
           fmt::format("instance {} of group {} was taken out of service: {}", i.id, p.facts.name,
                       reason),
           i.id);
  p.drain(i, i.outdated, reason);
  i.outdated = Cause::none;
}

}  // namespace

void replace(Pass& p) {
  refresh(p);
  too_old(p);
  imbalanced(p);

  std::vector<InstanceFacts> outdated;
  std::uint32_t ready_count = 0;
  for (InstanceFacts& i : p.facts.instances) {
    if (ready(p, i)) ready_count += i.weight;
    if (i.exited || i.outdated == Cause::none) continue;
    if (counts(i.state)) {
      outdated.push_back(i);
      outdated.back().is_protected = false;
    } else {
      take(p, i);
    }
  }
  if (outdated.empty()) return;
  if (p.suspended("terminate") || p.suspended("launch")) {
    p.out.notes.push_back(plural(static_cast<std::uint32_t>(outdated.size()), "instance") +
                          " to be replaced, and that is suspended");
    return;
  }

  const auto& last = p.memory.refresh;
  const bool refreshing = last && running(*last);
  const Maintenance pace =
      (refreshing ? last->options.maintenance : std::nullopt).value_or(p.options.maintenance);
  const std::uint32_t desired = p.out.desired;
  const std::uint32_t least = (desired * pace.min_healthy + 99) / 100;
  const std::uint32_t above =
      pace.max_healthy > 100 ? std::max(1u, desired * (pace.max_healthy - 100) / 100) : 0;
  std::uint32_t spare = ready_count > least ? ready_count - least : 0;
  if (above == 0 && ready_count >= desired) spare = std::max(spare, 1u);

  const auto allowed =
      std::min<std::uint32_t>(p.may_replace, static_cast<std::uint32_t>(outdated.size()));
  std::uint32_t taken = 0;
  for (const Victim& victim :
       choose_victims(outdated, allowed, p.options.termination_policies, p.now())) {
    // One that does not serve is no loss.
    const bool serves = ready(p, outdated[victim.index]);
    if (serves && spare == 0) continue;
    if (serves) spare -= std::min(spare, p.find(outdated[victim.index].id)->weight);
    take(p, *p.find(outdated[victim.index].id));
    ++taken;
  }
  p.surge = std::min(above, allowed - taken);
  if (p.surge > 0 && p.facts.room && *p.facts.room == 0) {
    p.out.notes.push_back(
        "a replacement comes before what it replaces goes, and the provider has no room: lower "
        "min_healthy");
  }
}

}  // namespace weir::scale
