#include "scale/start_time.h"

#include <algorithm>
#include <vector>

namespace weir::scale {
namespace {

constexpr std::size_t kLatest = 5;

}  // namespace

std::optional<Duration> measured_start(const GroupFacts& facts) {
  std::vector<const InstanceFacts*> seen;
  for (const InstanceFacts& i : facts.instances) {
    if (i.in_service_since && !i.adopted && !i.from_pool) seen.push_back(&i);
  }
  const std::size_t count = std::min(seen.size(), kLatest);
  std::partial_sort(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(count), seen.end(),
                    [](auto* a, auto* b) { return a->launched > b->launched; });
  std::optional<Duration> longest;
  for (std::size_t k = 0; k < count; ++k) {
    const Duration took = *seen[k]->in_service_since - seen[k]->launched;
    longest = std::max(longest.value_or(took), took);
  }
  return longest;
}

}  // namespace weir::scale
