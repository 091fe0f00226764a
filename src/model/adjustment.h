// Options of step and simple scaling: by how much a capacity changes. Plain values.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "model/alarm.h"

namespace weir {

enum class AdjustmentType : std::uint8_t {
  change_in_capacity,          // instances more or fewer
  exact_capacity,              // so many instances
  percent_change_in_capacity,  // percent more or fewer
};

// What to do while the metric is this far from the alarm's threshold. The bounds are relative to
// it and in the metric's unit; none is open.
struct StepAdjustment {
  std::optional<double> lower;
  std::optional<double> upper;
  std::int32_t adjustment = 0;  // instances or percent; below 0 takes away
  bool operator==(const StepAdjustment&) const = default;
};

inline double lower_of(const StepAdjustment& step) {
  return step.lower.value_or(-std::numeric_limits<double>::infinity());
}
inline double upper_of(const StepAdjustment& step) {
  return step.upper.value_or(std::numeric_limits<double>::infinity());
}

struct StepScaling {
  AdjustmentType type = AdjustmentType::change_in_capacity;
  std::uint32_t min_adjustment_magnitude = 0;  // instances, where the type is percent; 0: none
  std::vector<StepAdjustment> steps;           // in any order
  std::optional<Alarm> alarm{};  // while it is on, the policy acts; none: when an alarm names it
  bool operator==(const StepScaling&) const = default;
};

struct SimpleScaling {
  AdjustmentType type = AdjustmentType::change_in_capacity;
  std::uint32_t min_adjustment_magnitude = 0;  // instances, where the type is percent; 0: none
  std::int32_t adjustment = 0;                 // instances or percent; below 0 takes away
  Duration cooldown = 300s;                    // after a change has ended, until the next one
  std::optional<Alarm> alarm{};  // while it is on, the policy acts; none: when an alarm names it
  bool operator==(const SimpleScaling&) const = default;
};

// All that is wrong with the options, each a phrase with its remedy; empty: nothing. Steps may not
// overlap or leave a gap; one at most is open below and one above, no step on both sides; where a
// bound is negative the lowest step is open below, where one is positive the highest is open above.
std::vector<std::string> mistakes(const StepScaling& options);
std::vector<std::string> mistakes(const SimpleScaling& options);

}  // namespace weir
