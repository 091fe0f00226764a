// Options of step and simple scaling: by how much a capacity changes. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

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

struct StepScaling {
  AdjustmentType type = AdjustmentType::change_in_capacity;
  std::uint32_t min_adjustment_magnitude = 0;  // instances, where the type is percent; 0: none
  std::vector<StepAdjustment> steps;           // in any order
  bool operator==(const StepScaling&) const = default;
};

struct SimpleScaling {
  AdjustmentType type = AdjustmentType::change_in_capacity;
  std::uint32_t min_adjustment_magnitude = 0;  // instances, where the type is percent; 0: none
  std::int32_t adjustment = 0;                 // instances or percent; below 0 takes away
  bool operator==(const SimpleScaling&) const = default;
};

}  // namespace weir
