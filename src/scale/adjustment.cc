#include "scale/adjustment.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace weir::scale {
namespace {

std::uint32_t clamp(std::int64_t capacity) {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(capacity, 0, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

std::optional<std::size_t> choose_step(std::span<const StepAdjustment> steps, double distance) {
  for (std::size_t i = 0; distance >= 0 && i < steps.size(); ++i) {
    if (lower_of(steps[i]) <= distance && distance < upper_of(steps[i])) return i;
  }
  for (std::size_t i = 0; distance <= 0 && i < steps.size(); ++i) {
    if (lower_of(steps[i]) < distance && distance <= upper_of(steps[i])) return i;
  }
  return std::nullopt;
}

std::uint32_t adjust(AdjustmentType type, std::int32_t adjustment, std::uint32_t min_magnitude,
                     std::uint32_t capacity) {
  const std::int64_t now = capacity;
  if (type == AdjustmentType::exact_capacity) return clamp(adjustment);
  if (type == AdjustmentType::change_in_capacity) return clamp(now + adjustment);
  if (adjustment == 0) return capacity;
  const std::int64_t hundredths = std::abs(now * adjustment);
  std::int64_t magnitude = hundredths / 100;
  if (hundredths > 0) magnitude = std::max<std::int64_t>(magnitude, 1);
  magnitude = std::max<std::int64_t>(magnitude, min_magnitude);
  return clamp(adjustment > 0 ? now + magnitude : now - magnitude);
}

std::uint32_t desired_by_step(const StepScaling& options, double distance, Staffing capacity) {
  const auto chosen = choose_step(options.steps, distance);
  if (!chosen) return capacity.desired;
  const std::int32_t adjustment = options.steps[*chosen].adjustment;
  const bool out = options.type == AdjustmentType::exact_capacity
                       ? adjustment >= static_cast<std::int64_t>(capacity.desired)
                       : adjustment >= 0;
  if (!out && capacity.warming > 0) return capacity.desired;
  const std::uint32_t base = out ? capacity.desired - std::min(capacity.warming, capacity.desired)
                                 : clamp(std::int64_t{capacity.desired} + capacity.terminating);
  const std::uint32_t wanted =
      adjust(options.type, adjustment, options.min_adjustment_magnitude, base);
  return out ? std::max(capacity.desired, wanted) : std::min(capacity.desired, wanted);
}

std::uint32_t desired_by(const SimpleScaling& options, std::uint32_t desired) {
  return adjust(options.type, options.adjustment, options.min_adjustment_magnitude, desired);
}

}  // namespace weir::scale
