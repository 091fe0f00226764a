#include "scale/bounds.h"

#include <algorithm>
#include <vector>

namespace weir::scale {

Bounds bounds(const ScalingGroup& options, std::span<const std::unique_ptr<Policy>> policies,
              WallTime now) {
  Bounds result{options.min, options.max, {}, {}};
  const auto& suspended = options.suspended;
  const bool still = std::find(suspended.begin(), suspended.end(), "scheduled") != suspended.end();
  if (options.max == 0 || still) return result;
  std::vector<Firing> firings;
  for (const auto& policy : policies) {
    if (auto fired = policy->fired(now)) firings.push_back(std::move(*fired));
    if (const auto next = policy->fires_next(now)) {
      result.next = std::min(result.next.value_or(*next), *next);
    }
  }
  std::stable_sort(firings.begin(), firings.end(),
                   [](const Firing& a, const Firing& b) { return a.at < b.at; });
  for (const Firing& firing : firings) {
    result.min = firing.min.value_or(result.min);
    result.max = firing.max.value_or(result.max);
    if (firing.desired) result.desired = firing;
  }
  result.min = std::min(result.min, result.max);
  return result;
}

}  // namespace weir::scale
