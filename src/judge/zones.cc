#include "judge/zones.h"

#include <algorithm>

#include "judge/panic.h"

namespace weir::judge {

ZoneTable zone_facts(Endpoints endpoints, bool checked, Time now) {
  ZoneTable zones{};
  for (const auto& endpoint : endpoints) {
    ZoneFacts& zone = zones[endpoint->zone_index];
    switch (fitness_of(*endpoint->load, checked, now)) {
      case Fit::none:
        break;
      case Fit::no:
        ++zone.total;
        break;
      case Fit::yes:
        ++zone.total;
        ++zone.healthy;
        zone.weight += endpoint->weight;
        break;
    }
  }
  return zones;
}

std::uint32_t panicking(const ZoneTable& zones, double threshold) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < zones.size(); ++i) {
    if (panic(Fitness{zones[i].healthy, zones[i].total}, threshold)) bits |= 1u << i;
  }
  return bits;
}

ZoneShares zone_shares(const ZoneTable& zones, std::uint8_t own, std::uint32_t out) {
  const auto takes = [&](std::size_t i) { return zones[i].weight > 0 && !(out >> i & 1); };
  double weight = 0;
  std::uint32_t number = 0;  // of zones in which traffic arrives
  for (std::size_t i = 0; i < zones.size(); ++i) {
    if (zones[i].total > 0 && !(out >> i & 1)) ++number;
    if (takes(i)) weight += zones[i].weight;
  }
  ZoneShares shares{};
  if (weight <= 0) return shares;
  const double due = 1.0 / number;
  const double kept = takes(own) ? std::min(1.0, zones[own].weight / weight / due) : 0.0;
  shares[own] = kept;
  const double rest = 1 - kept;
  if (rest <= 1e-12) return shares;

  ZoneShares room{};
  double all = 0;
  for (std::size_t i = 0; i < zones.size(); ++i) {
    if (i == own || !takes(i)) continue;
    room[i] = std::max(0.0, zones[i].weight / weight - due);
    all += room[i];
  }
  if (all <= 1e-12) {  // nobody has more than it is due: by weight
    for (std::size_t i = 0; i < zones.size(); ++i) {
      room[i] = i != own && takes(i) ? zones[i].weight : 0.0;
      all += room[i];
    }
  }
  for (std::size_t i = 0; i < zones.size() && all > 0; ++i) shares[i] += rest * room[i] / all;
  return shares;
}

}  // namespace weir::judge
