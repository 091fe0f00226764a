#include "bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace weir::bench {

std::size_t Histogram::bucket_of(std::uint64_t ns) {
  if (ns < kSteps) return ns;
  const std::uint64_t shift = static_cast<std::uint64_t>(std::bit_width(ns)) - kStepBits - 1;
  const std::uint64_t step = (ns >> shift) - kSteps;
  return std::min<std::size_t>((shift + 1) * kSteps + step, kBuckets - 1);
}

std::uint64_t Histogram::middle_of(std::size_t bucket) {
  if (bucket < kSteps) return bucket;
  const std::uint64_t shift = bucket / kSteps - 1;
  const std::uint64_t low = (kSteps + bucket % kSteps) << shift;
  return low + ((1ull << shift) >> 1);
}

void Histogram::add(Duration latency) {
  const Duration positive = std::max(latency, Duration(0));
  ++buckets_[bucket_of(static_cast<std::uint64_t>(positive.count()))];
  ++count_;
  max_ = std::max(max_, positive);
}

void Histogram::clear() { *this = Histogram(); }

Duration Histogram::percentile(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen > 0 && seen >= wanted) {
      return std::min(Duration(static_cast<std::int64_t>(middle_of(bucket))), max_);
    }
  }
  return Duration(0);
}

}  // namespace weir::bench
