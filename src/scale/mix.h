// mix: which template the next launches take, and whose instance goes first. Pure.
//
// Source: EC2 Auto Scaling user guide, "Auto Scaling groups with multiple instance types and
// purchase options" (instances distribution, allocation strategies) and "Configuring instance
// weighting". As there: capacity is counted in units of weight; the base is on demand, then a
// percentage of what is above it, rounded up in favour of on demand; launches go on until desired
// is reached, and may exceed it by less than one instance; a price is compared per unit; where a
// spot template has no room the next spot template is tried, not one on demand. In our own words:
// reserved instances come before others of their side, as they are paid for anyway; "capacity" of
// price_capacity_optimized is how often a template was interrupted or failed to start lately.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/mix.h"

namespace weir::scale {

// Of `units`, how many are to be on demand and how many spot. A mix without templates of one side
// has all on the other.
struct Split {
  std::uint32_t on_demand = 0;
  std::uint32_t spot = 0;
  bool operator==(const Split&) const = default;
};
Split split(const Mix& mix, std::uint32_t units);

// One template as a choice sees it.
struct Pool {
  std::uint32_t living = 0;           // instances that are there, or on their way
  std::uint32_t troubles = 0;         // interruptions and failed starts of late
  std::optional<std::uint32_t> room;  // instances that could start now; none: unknown
};

// What lives, in units.
std::uint32_t living_units(const Mix& mix, std::span<const Pool> pools);

struct Share {
  std::size_t index;  // of the template
  std::uint32_t count;
};
// What to launch so that `desired` units are there; `pools` are in the order of the templates.
// Where no template of a side has room its first choice is taken all the same, and waits.
std::vector<Share> choose_launches(const Mix& mix, std::span<const Pool> pools,
                                   std::uint32_t desired);

// Units that could start now, of the template with most; none where that is unknown.
std::optional<std::uint32_t> room(const Mix& mix, std::span<const Pool> pools);

// For each template, in what order its instances go when only `desired` units are to stay: first by
// `side` (the purchase option that has too many), then by `rank` (the last choice of the strategy
// first, reserved ones last). The smaller goes first.
struct LeavingOrder {
  double side = 0;
  double rank = 0;
};
std::vector<LeavingOrder> leaving_order(const Mix& mix, std::span<const Pool> pools,
                                        std::uint32_t desired);

// The template of that name; null where the mix has none.
const InstanceTemplate* find_template(const std::optional<Mix>& mix, std::string_view name);

}  // namespace weir::scale
