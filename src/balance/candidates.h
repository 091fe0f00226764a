// Candidates: which endpoints an algorithm that compares loads looks at, and the best of them.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "balance/eligibility.h"
#include "base/random.h"

namespace weir::balance {

// All of a group of this size or less are compared. A full scan beats two choices clearly where a
// few endpoints are slow, and 64 counters cost about a microsecond.
inline constexpr EndpointIndex kScanAll = 64;
// Above that, this many eligible ones drawn at random: half of a full scan, so that a larger group
// never costs more, and an endpoint among the best tenth is missed once in 30 picks (0.9^32).
inline constexpr EndpointIndex kSample = 32;

// Calls visit(i) for every eligible endpoint, or in a large group for kSample of them (for all
// that there are when they are fewer). Distinct; their order is random in large groups.
template <class Visit>
void for_each_candidate(const GroupView& group, Random& random, Visit visit) {
  const EndpointIndex size = group.size();
  if (size <= kScanAll) {
    for (EndpointIndex i = 0; i < size; ++i) {
      if (group.eligible(i)) visit(i);
    }
    return;
  }
  // A prime step above any size meets each index once in `size` steps.
  constexpr std::array<std::uint64_t, 8> kSteps = {4294967311, 4294967357, 4294967371, 4294967377,
                                                   4294967387, 4294967389, 4294967459, 4294967477};
  const std::uint64_t draw = random();
  const auto step = static_cast<std::uint64_t>(kSteps[draw & 7] % size);
  std::uint64_t i = (draw >> 16) % size;
  EndpointIndex found = 0;
  for (EndpointIndex seen = 0; seen < size && found < kSample; ++seen) {
    if (group.eligible(static_cast<EndpointIndex>(i))) {
      visit(static_cast<EndpointIndex>(i));
      ++found;
    }
    i += step;
    if (i >= size) i -= size;
  }
}

// The endpoint of the lowest cost offered; ties fall at random, each with the same chance.
class Lowest {
 public:
  explicit Lowest(Random& random) : random_(random) {}

  void offer(EndpointIndex i, double cost) {
    if (ties_ == 0 || cost < cost_) {
      cost_ = cost;
      winner_ = i;
      ties_ = 1;
    } else if (cost == cost_ && random_.below(++ties_) == 0) {
      winner_ = i;
    }
  }
  std::optional<EndpointIndex> winner() const {
    return ties_ == 0 ? std::nullopt : std::optional(winner_);
  }

 private:
  Random& random_;
  double cost_ = 0;
  EndpointIndex winner_ = 0;
  std::uint32_t ties_ = 0;
};

// What `in_flight` requests and one more weigh on an endpoint, given its weight and slow start.
inline double crowding(const GroupView& group, EndpointIndex i, std::uint32_t in_flight) {
  return (in_flight + 1.0) / (group.weight(i) * group.ramp(i));
}

}  // namespace weir::balance
