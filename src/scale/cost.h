// Cost: what a scaling group's instances have cost, and what a fleet of fixed size would have.
// Pure. Money is in the currency of the prices that the configuration gives; days are UTC's.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/clock.h"
#include "model/desired_scaling.h"

namespace weir::scale {

// What runs at one moment: from spawned to gone, what drains included.
struct Running {
  std::uint32_t instances = 0;
  double per_hour = 0;  // money
  bool operator==(const Running&) const = default;
};

// `count` by template name; "" without a mix. A reserved instance costs whether it runs or not.
Running running(const ScalingGroup& options, const std::map<std::string, std::uint32_t>& count);

struct Spent {
  double instance_hours = 0;
  double money = 0;
  bool operator==(const Spent&) const = default;
};

// Kept in the group's record, so that it outlives the process: instances do so too, and what ran
// before a restart is taken to have run until after it.
struct Ledger {
  WallTime since{};  // the first look; the epoch: none yet
  WallTime at{};     // the last one
  Running last;      // what it saw
  Running peak;      // the most of each that it has seen
  Spent total;
  std::int64_t day = 0;  // since the epoch
  Spent today;
  bool operator==(const Ledger&) const = default;
};

// The time since the last look is charged at what that one saw. A clock that was set back adds
// nothing.
void look(Ledger& ledger, const Running& now, WallTime at);

// What the largest fleet so far would have cost from `since` to `at`.
Spent fixed_fleet(const Ledger& ledger);
// The share of that which was not spent, 0 to 1; 0 where nothing would have been. By money, or by
// instance-hours where no price is given.
double saved_share(const Ledger& ledger);

}  // namespace weir::scale
