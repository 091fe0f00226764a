// Track: one metric by the second, and maybe by the minute, for as long as it is kept. Fixed
// memory.
//
// A second without a sample is unknown, never zero.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace weir::series {

struct Span {
  std::uint32_t seconds = 3 * 3600;
  std::uint32_t minutes = 0;  // in memory
  bool operator==(const Span&) const = default;
};

// What was told of one second, or of a longer time.
struct Sample {
  double sum = 0;
  double count = 0;  // of samples; above 0
  double mean() const { return sum / count; }
};

// Lives on one thread. 4 bytes a second and minute; 2 more a second from the first second on that
// has had two samples.
class Track {
 public:
  explicit Track(Span span);

  // Several samples of one second add up; `value` is the sum of `count` of them, at most 65,535 are
  // counted. Older ones than are kept are left out, and so are those that are no finite number.
  void add(Time at, double value, double count = 1);
  std::optional<Sample> at(Time second) const;
  // The mean over the minute that ends before `end`, of the seconds that are known.
  std::optional<double> mean_of_minute(Time end) const;

  // A minute that is over, by its begin in wall time; where minutes are kept.
  void add_minute(WallTime begin, double mean);
  std::optional<double> minute(WallTime begin) const;

  // The newest second that has a sample.
  std::optional<Time> last() const;
  const Span& span() const { return span_; }
  std::size_t bytes() const;

 private:
  std::size_t place(std::int64_t second) const {
    return static_cast<std::size_t>(second) % span_.seconds;
  }

  Span span_;
  std::vector<float> sums_;            // NaN: unknown
  std::vector<std::uint16_t> counts_;  // empty: each is 1
  std::int64_t last_ = -1;
  std::vector<float> minutes_;
  std::int64_t last_minute_ = -1;
};

}  // namespace weir::series
