// Histogram: latencies in buckets that are 0.4 % wide, from a nanosecond to hours.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"

namespace weir::bench {

class Histogram {
 public:
  void add(Duration latency);
  void clear();

  std::uint64_t count() const { return count_; }
  Duration max() const { return max_; }
  // The latency that the share (0..1) of all values does not exceed; zero without values.
  Duration percentile(double share) const;

 private:
  // Values below kSteps have a bucket each; above, each power of two is cut into kSteps.
  static constexpr std::uint64_t kStepBits = 8;
  static constexpr std::uint64_t kSteps = 1 << kStepBits;
  static constexpr std::size_t kBuckets = 40 * kSteps;

  static std::size_t bucket_of(std::uint64_t ns);
  static std::uint64_t middle_of(std::size_t bucket);

  std::array<std::uint32_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  Duration max_{0};
};

}  // namespace weir::bench
