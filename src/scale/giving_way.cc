// Giving way: an idle instance leaves its devices to a group that waits for some, and its own group
// wants one less until a request for it comes.
#include "scale/pass.h"

namespace weir::scale {

void give_way(Pass& p) {
  if (!p.memory.desired || p.suspended("terminate")) return;
  for (const Yield& yield : p.facts.yields) {
    const auto found = std::ranges::find(p.facts.instances, yield.instance, &InstanceFacts::id);
    if (found == p.facts.instances.end()) continue;
    // Of a moment ago: a request may have come meanwhile.
    if (found->state != Lifecycle::in_service || found->in_flight > 0 || p.facts.waiting > 0)
      continue;
    const std::uint32_t left = *p.memory.desired - std::min(*p.memory.desired, found->weight);
    change_desired(p, left, yield.reason);
    p.record(
        Activity::Status::successful, fmt::format("Terminating instance {}", found->id),
        fmt::format("instance {} of group {} gave way: {}", found->id, p.facts.name, yield.reason),
        found->id);
    p.drain(*found, Cause::gave_way, yield.reason);
  }
}

}  // namespace weir::scale
