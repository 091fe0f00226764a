#include "judge/slowness.h"

#include <algorithm>

namespace weir::judge {
namespace {

// How many times the median each one's time is; 0 where that can't be told.
std::vector<double> excess(const SlowOutlier& options, std::span<const Pace> group,
                           double Pace::* time) {
  std::vector<double> times;
  for (const Pace& one : group) {
    if (one.answers >= options.min_requests && one.*time > 0) times.push_back(one.*time);
  }
  std::vector<double> result(group.size(), 0.0);
  if (times.empty() || times.size() < options.min_endpoints) return result;
  // The lower of two in the middle: of two endpoints the faster one is the measure.
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>((times.size() - 1) / 2);
  std::nth_element(times.begin(), middle, times.end());
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group[i].answers < options.min_requests || group[i].*time < seconds(options.least))
      continue;
    result[i] = group[i].*time / *middle;
  }
  return result;
}

}  // namespace

std::vector<std::size_t> slow_outliers(const SlowOutlier& options, std::span<const Pace> group) {
  std::vector<std::size_t> found;
  if (!options.enabled) return found;
  std::vector<double> worst = excess(options, group, &Pace::first_byte);
  const std::vector<double> whole = excess(options, group, &Pace::latency);
  for (std::size_t i = 0; i < worst.size(); ++i) {
    worst[i] = std::max(worst[i], whole[i]);
    if (worst[i] >= options.factor) found.push_back(i);
  }
  std::sort(found.begin(), found.end(),
            [&](std::size_t a, std::size_t b) { return worst[a] > worst[b]; });
  return found;
}

}  // namespace weir::judge
