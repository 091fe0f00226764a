// Zones of a scaling group: new instances go where there are fewest, and where a zone that had
// failed is back, one after the other moves. EC2's "Availability Zone rebalancing": the new one is
// in service before the other goes.
#include <algorithm>
#include <map>

#include "scale/pass.h"

namespace weir::scale {
namespace {

// After a failed start in it, a zone is passed over while there are others.
constexpr Duration kPassedOver = 2min;

std::map<std::string, std::uint32_t> usable(const Pass& p) {
  std::map<std::string, std::uint32_t> result;
  for (const std::string& zone : p.options.zones) {
    const auto& out = p.facts.zones_out;
    const auto failed = p.memory.zones_failed.find(zone);
    const bool lately =
        failed != p.memory.zones_failed.end() && p.now() < failed->second + kPassedOver;
    if (!lately && std::ranges::find(out, zone) == out.end()) result.emplace(zone, 0);
  }
  if (result.empty()) {
    for (const std::string& zone : p.options.zones) result.emplace(zone, 0);
  }
  for (const InstanceFacts& i : p.facts.instances) {
    if (!Pass::live(i) || i.outdated != Cause::none) continue;
    if (const auto found = result.find(i.zone); found != result.end()) ++found->second;
  }
  return result;
}

}  // namespace

void launch_over_zones(Pass& p, Action action) {
  if (p.options.zones.empty()) {
    p.out.actions.push_back(std::move(action));
    return;
  }
  std::map<std::string, std::uint32_t> there = usable(p);
  std::map<std::string, std::uint32_t> wanted;
  for (std::uint32_t n = 0; n < action.count; ++n) {
    const auto least = std::ranges::min_element(
        there, [](const auto& a, const auto& b) { return a.second < b.second; });
    ++least->second;
    ++wanted[least->first];
  }
  for (const auto& [zone, count] : wanted) {
    Action one = action;
    one.count = count;
    one.zone = zone;
    p.out.actions.push_back(std::move(one));
  }
}

void imbalanced(Pass& p) {
  for (auto failed = p.memory.zones_failed.begin(); failed != p.memory.zones_failed.end();) {
    const Time over = failed->second + kPassedOver;
    if (p.now() < over) {
      p.wake_at(over);
      ++failed;
    } else {
      failed = p.memory.zones_failed.erase(failed);
    }
  }
  // The one that is being moved stays so until it has gone.
  auto& moving = p.memory.moving;
  InstanceFacts* const one = p.find(moving);
  if (one && one->state == Lifecycle::in_service && !one->exited) {
    one->outdated = Cause::rebalance;
    return;
  }
  moving.clear();
  if (p.options.zones.size() < 2 || p.suspended("rebalance") || p.live() != p.out.desired) return;
  std::map<std::string, std::uint32_t> there = usable(p);
  if (there.size() < p.options.zones.size()) return;  // one is out: nothing is moved meanwhile
  for (const InstanceFacts& i : p.facts.instances) {
    if (i.outdated != Cause::none || (Pass::live(i) && coming(i.state))) return;
  }
  const auto [least, most] = std::ranges::minmax_element(
      there, [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most->second < least->second + 2) return;
  for (InstanceFacts& i : p.facts.instances) {
    if (i.zone != most->first || i.state != Lifecycle::in_service || i.is_protected) continue;
    i.outdated = Cause::rebalance;
    moving = i.id;
    return;
  }
}

}  // namespace weir::scale
