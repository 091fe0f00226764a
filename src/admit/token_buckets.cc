#include "admit/token_buckets.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace weir::admit {
namespace {

std::int64_t step_of(const Rate& rate) {
  return std::max<std::int64_t>(1, rate.per.count() / std::max(rate.count, 1u));
}

constexpr std::int64_t kLongest = std::int64_t{1} << 61;  // ns, of a whole bucket

std::uint32_t burst_of(const RateLimit& options) {
  const std::int64_t step = step_of(options.rate);
  const std::int64_t in_a_second = Duration(std::chrono::seconds(1)).count() / step;
  const std::int64_t wanted = options.burst > 0 ? options.burst : in_a_second;
  const std::int64_t most =
      std::min<std::int64_t>(kLongest / step, std::numeric_limits<std::uint32_t>::max());
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(wanted, 1, std::max<std::int64_t>(most, 1)));
}

std::size_t sets_of(const RateLimit& options, std::size_t ways) {
  if (options.key == "route") return 1;
  return std::bit_ceil((std::max<std::size_t>(options.keys, ways) + ways - 1) / ways);
}

}  // namespace

TokenBuckets::TokenBuckets(const RateLimit& options)
    : step_(step_of(options.rate)),
      burst_(burst_of(options)),
      mask_(sets_of(options, kWays) - 1),
      sets_(std::make_unique<Set[]>(mask_ + 1)) {}

TokenBuckets::Place& TokenBuckets::find(std::uint64_t key) {
  Set& set = sets_[(key >> 32) & mask_];
  while (true) {
    Place* fullest = nullptr;
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    for (Place& place : set.places) {
      if (place.key.load(std::memory_order_acquire) == key) return place;
      const std::int64_t full_at = place.full_at.load(std::memory_order_relaxed);
      if (fullest && full_at >= first) continue;
      fullest = &place;
      first = full_at;
    }
    std::uint64_t before = fullest->key.load(std::memory_order_relaxed);
    if (before == key) return *fullest;
    if (!fullest->key.compare_exchange_strong(before, key, std::memory_order_acq_rel)) continue;
    fullest->full_at.store(0, std::memory_order_relaxed);
    return *fullest;
  }
}

TokenBuckets::Answer TokenBuckets::take(std::uint64_t key, Time now) {
  if (key == 0) key = 1;  // 0 is an empty place
  Place& place = find(key);
  const std::int64_t present = now.time_since_epoch().count();
  const std::int64_t capacity = step_ * burst_;
  std::int64_t full_at = place.full_at.load(std::memory_order_relaxed);
  while (true) {
    const std::int64_t from = std::max(full_at, present);
    const std::int64_t next = from + step_;
    if (next - present > capacity) {
      return Answer{false, 0, Duration(next - present - capacity), Duration(from - present)};
    }
    if (place.full_at.compare_exchange_weak(full_at, next, std::memory_order_relaxed)) {
      const auto left = static_cast<std::uint32_t>((capacity - (next - present)) / step_);
      return Answer{true, left, Duration(0), Duration(next - present)};
    }
  }
}

}  // namespace weir::admit
