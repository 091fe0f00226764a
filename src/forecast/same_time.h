// SameTime: how wrong forecasts were at one time of the week, in the last weeks. What errs on a
// Saturday errs there each week, and the mean of all days hides it.
//
// Kept are sums of ten minutes (of a step, where steps are longer), so a stretch is exact to that.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace weir::forecast {

class SameTime {
 public:
  static constexpr std::uint32_t kWeeks = 3;
  static constexpr std::uint32_t kHours = 2;  // before that time, and as much after it

  struct Sum {
    double error = 0;
    double actual = 0;
  };

  // `week`: its steps, at least 7.
  explicit SameTime(std::uint32_t week)
      : week_(week),
        around_(std::max(week / (7 * 24) * kHours, 1u)),
        chunk_(std::max(week / (7 * 144), 1u)),
        ring_((kWeeks * week + around_) / chunk_ + 2) {}

  void add(double forecast, double actual) {
    Chunk& chunk = next();
    chunk.error += static_cast<float>(std::abs(forecast - actual));
    chunk.actual += static_cast<float>(actual);
  }
  // A step without forecast or without actual value.
  void skip() { next(); }

  // Of the time of the week that comes `lead` steps after the last step. Zeros where nothing is
  // known of it yet.
  Sum sum(std::uint32_t lead) const {
    Sum all;
    for (std::uint64_t before = week_; before <= kWeeks * week_; before += week_) {
      if (before < lead + around_ + 1) continue;
      const std::uint64_t then = before - lead;  // steps ago
      if (steps_ < then + around_ + 1) break;
      const std::uint64_t at = steps_ - 1 - then;
      const std::uint64_t first = (at - around_) / chunk_, last = (at + around_ - 1) / chunk_;
      std::size_t place = first % ring_.size();
      for (std::uint64_t c = first; c <= last; ++c) {
        all.error += double{ring_[place].error};
        all.actual += double{ring_[place].actual};
        if (++place == ring_.size()) place = 0;
      }
    }
    return all;
  }

 private:
  struct Chunk {
    float error = 0, actual = 0;
  };

  Chunk& next() {
    Chunk& chunk = ring_[steps_ / chunk_ % ring_.size()];
    if (steps_++ % chunk_ == 0) chunk = {};
    return chunk;
  }

  std::uint32_t week_, around_, chunk_;  // in steps
  std::uint64_t steps_ = 0;
  std::vector<Chunk> ring_;
};

}  // namespace weir::forecast
