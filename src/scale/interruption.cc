// Interruption: an instance that was told when it ends (a spot instance's notice). As EC2's
// capacity rebalancing its replacement is launched at once, as it counts towards desired no more.
// It takes nothing new from then on, but where nobody else serves: then it goes on until somebody
// does, or until half of its time is over, whichever comes first.
#include "scale/pass.h"

namespace weir::scale {
namespace {

bool others_serve(const Pass& p, const InstanceFacts& that) {
  if (p.facts.other_endpoints > 0 || p.options.target_groups.empty()) return true;
  return std::ranges::any_of(p.facts.instances, [&](const InstanceFacts& i) {
    return i.id != that.id && i.state == Lifecycle::in_service && !i.exited && i.healthy &&
           !i.ends_at;
  });
}

}  // namespace

void noticed(Pass& p, InstanceFacts& i) {
  if (!counts(i.state) && !pooled(i.state)) return;
  const Time half = *i.noticed_at + (*i.ends_at - *i.noticed_at) / 2;
  const auto left = std::chrono::ceil<std::chrono::seconds>(*i.ends_at - p.now());
  if (i.state == Lifecycle::in_service && p.now() < half && !others_serve(p, i)) {
    p.out.notes.push_back(fmt::format(
        "instance {} ends in {}, and serves on until its replacement does", i.id, to_string(left)));
    return p.wake_at(half);
  }
  p.memory.troubles.add(i.launch_template, p.now());
  const std::string why = fmt::format("was told that it ends in {}", to_string(left));
  p.record(Activity::Status::successful, fmt::format("Replacing instance {}", i.id),
           fmt::format("instance {} of group {} {}", i.id, p.facts.name, why), i.id);
  p.drain(i, Cause::interrupted, why);
}

Duration until_interruption(const Pass& p, const InstanceFacts& i) {
  if (!i.ends_at || !i.noticed_at) return p.facts.deregistration_delay;  // of an earlier weir
  return std::max(stop_by(p, i) - i.state_since, Duration(0));
}

Time stop_by(const Pass& p, const InstanceFacts& i) {
  if (!i.ends_at || !i.noticed_at) return kNever;
  const Duration half = (*i.ends_at - *i.noticed_at) / 2;
  return *i.ends_at - std::min<Duration>(p.options.launch.stop_grace, half);
}

}  // namespace weir::scale
