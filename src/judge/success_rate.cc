#include "judge/success_rate.h"

#include <algorithm>
#include <cmath>

namespace weir::judge {
namespace {

bool counts(const SuccessRateOutlier& options, const Answered& one) {
  return one.answers > 0 && one.answers >= options.min_requests;
}

double rate(const Answered& one) {
  return 1.0 - static_cast<double>(std::min(one.errors, one.answers)) / one.answers;
}

}  // namespace

std::optional<double> success_rate_bound(const SuccessRateOutlier& options,
                                         std::span<const Answered> group) {
  if (!options.enabled) return std::nullopt;
  double sum = 0;
  std::uint32_t number = 0;
  for (const Answered& one : group) {
    if (!counts(options, one)) continue;
    sum += rate(one);
    ++number;
  }
  if (number < std::max(options.min_endpoints, 1u)) return std::nullopt;
  const double mean = sum / number;
  double squares = 0;
  for (const Answered& one : group) {
    if (counts(options, one)) squares += (rate(one) - mean) * (rate(one) - mean);
  }
  return mean - options.stdev_factor * std::sqrt(squares / number);
}

std::vector<std::size_t> success_rate_outliers(const SuccessRateOutlier& options,
                                               std::span<const Answered> group) {
  std::vector<std::size_t> found;
  const auto bound = success_rate_bound(options, group);
  if (!bound) return found;
  for (std::size_t i = 0; i < group.size(); ++i) {
    // Rounding must not make an outlier of one among equals.
    if (counts(options, group[i]) && rate(group[i]) < *bound - 1e-9) found.push_back(i);
  }
  std::sort(found.begin(), found.end(),
            [&](std::size_t a, std::size_t b) { return rate(group[a]) < rate(group[b]); });
  return found;
}

}  // namespace weir::judge
