// Adjustment: what a step or simple scaling policy makes of a capacity. Pure.
//
// Source: EC2 Auto Scaling user guide, "Step and simple scaling policies" (as-scaling-simple-step):
// "Step adjustments", "Scaling adjustment types", "Instance warm-up". Limits of the group (min,
// max), cooldowns and when an alarm acts are the caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/adjustment.h"

namespace weir::scale {

// The step for a metric that is `distance` (metric minus threshold) from the threshold; none where
// no step covers it. From the threshold upwards a lower bound is in its step and an upper one is
// not; below it the other way round. At distance 0 the step above the threshold is preferred.
std::optional<std::size_t> choose_step(std::span<const StepAdjustment> steps, double distance);

// The capacity after one adjustment of `capacity`, at least 0. A percentage that is no whole number
// of instances is rounded towards 0, but to one instance where it is less than one, and to at least
// `min_magnitude` instances; an adjustment of 0 changes nothing.
std::uint32_t adjust(AdjustmentType type, std::int32_t adjustment, std::uint32_t min_magnitude,
                     std::uint32_t capacity);

// A group as an adjustment sees it, in instances.
struct Staffing {
  std::uint32_t desired = 0;
  std::uint32_t warming = 0;      // of desired: start, or are not past their warm-up
  std::uint32_t terminating = 0;  // besides desired
};

// The desired capacity that a step policy asks for. On the way out percentages and changes start
// from what is past its warm-up, and what warms counts towards the result: the same step again adds
// nothing, a larger one the difference. On the way in they start from all that is there, what
// terminates included, and nothing is taken away while something warms.
std::uint32_t desired_by_step(const StepScaling& options, double distance, Staffing capacity);

// The desired capacity that a simple policy asks for. It acts only when no activity is in progress,
// so all of `desired` counts.
std::uint32_t desired_by(const SimpleScaling& options, std::uint32_t desired);

}  // namespace weir::scale
