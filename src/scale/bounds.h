// Bounds: between what a group's capacity lies now: the configuration's minimum and maximum, moved
// by the policies that act at times. Pure.
//
// What was due last counts, also where it was due before weir started: a restart or a new file
// changes nothing about what a schedule says of this moment.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "model/desired.h"
#include "scale/policy.h"

namespace weir::scale {

struct Bounds {
  std::uint32_t min = 0;
  std::uint32_t max = 0;          // wins where min is above it
  std::optional<Firing> desired;  // the latest that set a capacity
  std::optional<WallTime> next;   // when one of this will change
};

// A group with max 0 goes away, or is switched off: nothing moves it; nor where schedules are
// suspended.
Bounds bounds(const ScalingGroup& options, std::span<const std::unique_ptr<Policy>> policies,
              WallTime now);

}  // namespace weir::scale
