#include "scale/victim.h"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <tuple>

namespace weir::scale {
namespace {

enum Rank { cannot_start, starting, unhealthy, serving };

Rank rank(const InstanceFacts& i) {
  if (i.state == Lifecycle::pending) return i.waiting_for.empty() ? starting : cannot_start;
  return i.healthy ? serving : unhealthy;
}

// Smaller goes first. Work that nobody estimated is judged by the requests alone.
auto order(const InstanceFacts& i, std::size_t in_zone) {
  const auto crowd = rank(i) == serving ? -static_cast<long>(in_zone) : 0L;
  return std::tuple(rank(i), crowd, i.remaining_work, i.in_flight, i.version,
                    -i.launched.time_since_epoch().count(), i.id);
}

std::string reason(const InstanceFacts& i, bool by_zone) {
  switch (rank(i)) {
    case cannot_start:
      return "it had not been started: " + i.waiting_for;
    case starting:
      return "it was still starting";
    case unhealthy:
      return "it was unhealthy";
    case serving:
      break;
  }
  std::string text = fmt::format("least remaining work, {} {} in flight", i.in_flight,
                                 i.in_flight == 1 ? "request" : "requests");
  if (by_zone) text += ", in the zone with most instances, " + i.zone;
  return text;
}

}  // namespace

std::vector<Victim> choose_victims(std::span<const InstanceFacts> instances, std::size_t count) {
  std::vector<std::size_t> left;
  std::map<std::string, std::size_t> zones;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    if (instances[i].state == Lifecycle::terminating || instances[i].exited) continue;
    left.push_back(i);
    if (instances[i].state == Lifecycle::in_service) ++zones[instances[i].zone];
  }

  std::vector<Victim> victims;
  while (victims.size() < count && !left.empty()) {
    const auto chosen = std::min_element(left.begin(), left.end(), [&](auto a, auto b) {
      return order(instances[a], zones[instances[a].zone]) <
             order(instances[b], zones[instances[b].zone]);
    });
    const InstanceFacts& victim = instances[*chosen];
    victims.push_back({*chosen, reason(victim, zones.size() > 1)});
    if (victim.state == Lifecycle::in_service) --zones[victim.zone];
    left.erase(chosen);
  }
  return victims;
}

}  // namespace weir::scale
