#include "model/adjustment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace weir {
namespace {

using Mistakes = std::vector<std::string>;

constexpr double kOpen = std::numeric_limits<double>::infinity();

void check_magnitude(AdjustmentType type, std::uint32_t magnitude, Mistakes& out) {
  if (magnitude > 0 && type != AdjustmentType::percent_change_in_capacity) {
    out.push_back(
        "min_adjustment: is for percentages only; remove it, or make the type "
        "percent");
  }
}

void check_value(AdjustmentType type, std::int32_t adjustment, const std::string& where,
                 Mistakes& out) {
  if (type == AdjustmentType::exact_capacity && adjustment < 0) {
    out.push_back(fmt::format("{}: {} instances cannot be; write 0 or more for an exact capacity",
                              where, adjustment));
  }
}

// Whether the step's own bounds are in order; only then it is compared with the others.
bool check_bounds(const StepAdjustment& step, const std::string& where, Mistakes& out) {
  const std::size_t before = out.size();
  if (!step.lower && !step.upper) {
    out.push_back(where + ": is open on both sides; write a lower or an upper bound");
  }
  for (const auto& bound : {step.lower, step.upper}) {
    if (bound && !std::isfinite(*bound)) {
      out.push_back(
          fmt::format("{}: bound {} is no number; leave an open bound out", where, *bound));
    }
  }
  if (out.size() == before && lower_of(step) >= upper_of(step)) {
    out.push_back(fmt::format("{}: lower {:g} is not below upper {:g}; swap or change them", where,
                              *step.lower, *step.upper));
  }
  return out.size() == before;
}

std::string name_of(std::size_t index) { return fmt::format("steps[{}]", index); }

// Between the steps, whose order by their lower bounds is `order`.
void check_ranges(const std::vector<StepAdjustment>& steps, const std::vector<std::size_t>& order,
                  Mistakes& out) {
  for (std::size_t i = 1; i < order.size(); ++i) {
    const double end = upper_of(steps[order[i - 1]]);
    const double begin = lower_of(steps[order[i]]);
    const std::string both = name_of(order[i - 1]) + " and " + name_of(order[i]);
    if (begin == -kOpen) {
      out.push_back(both + ": are both open below; write a lower bound for one of them");
    } else if (end == kOpen && upper_of(steps[order[i]]) == kOpen) {
      out.push_back(both + ": are both open above; write an upper bound for one of them");
    } else if (begin < end) {
      out.push_back(
          fmt::format("{}: overlap from {:g} on; let one begin where the other ends", both, begin));
    } else if (begin > end) {
      out.push_back(
          fmt::format("{}: leave a gap from {:g} to {:g}; let one begin where the other "
                      "ends",
                      both, end, begin));
    }
  }
}

void check_ends(const std::vector<StepAdjustment>& steps, Mistakes& out) {
  double least = kOpen;
  double most = -kOpen;
  for (const StepAdjustment& step : steps) {
    least = std::min(least, lower_of(step));
    most = std::max(most, upper_of(step));
  }
  if (least < 0 && least != -kOpen) {
    out.push_back(
        fmt::format("steps: nothing is said below {:g}; leave out the lower bound of the "
                    "lowest step, or add one that is open below",
                    least));
  }
  if (most > 0 && most != kOpen) {
    out.push_back(
        fmt::format("steps: nothing is said from {:g} on; leave out the upper bound of "
                    "the highest step, or add one that is open above",
                    most));
  }
}

}  // namespace

Mistakes mistakes(const StepScaling& options) {
  Mistakes out;
  check_magnitude(options.type, options.min_adjustment_magnitude, out);
  if (options.steps.empty()) out.push_back("steps: is empty; write at least one step");
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < options.steps.size(); ++i) {
    check_value(options.type, options.steps[i].adjustment, name_of(i) + ".adjustment", out);
    if (check_bounds(options.steps[i], name_of(i), out)) order.push_back(i);
  }
  if (order.size() != options.steps.size()) return out;  // the ranges would mislead
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return lower_of(options.steps[a]) < lower_of(options.steps[b]);
  });
  check_ranges(options.steps, order, out);
  check_ends(options.steps, out);
  return out;
}

Mistakes mistakes(const SimpleScaling& options) {
  Mistakes out;
  check_magnitude(options.type, options.min_adjustment_magnitude, out);
  check_value(options.type, options.adjustment, "adjustment", out);
  return out;
}

}  // namespace weir
