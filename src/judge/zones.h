// Zones: how much of the traffic that arrives in one zone stays there, and where the rest goes.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "judge/ejection.h"

namespace weir::judge {

// What a zone has; its weight is the sum of its endpoints'.
struct ZoneFacts {
  std::uint32_t healthy = 0;  // endpoints that can take traffic
  std::uint32_t total = 0;    // that could: neither draining nor starting
  double weight = 0;          // of the healthy ones
};
using ZoneTable = std::array<ZoneFacts, kZones>;  // by zone_index
using ZoneShares = std::array<double, kZones>;    // sum 1, or 0 where there is nothing at all

ZoneTable zone_facts(Endpoints endpoints, bool checked, Time now);

// Zones below the threshold, as judge::panic has it: a bit each.
std::uint32_t panicking(const ZoneTable& zones, double threshold);

// Envoy's zone-aware arithmetic, for traffic that arrives evenly in all zones that have endpoints:
// a zone is due its part of all arrivals, one of so many zones, and can take its part of the
// weight. While it can take what it is due, all stays; else it keeps that share, and the rest goes
// to those that can take more than they are due, by how much more. `out`: a bit for each zone that
// takes nothing (shifted away, or in panic); `own` is the zone we are in. Pure.
ZoneShares zone_shares(const ZoneTable& zones, std::uint8_t own, std::uint32_t out);

}  // namespace weir::judge
