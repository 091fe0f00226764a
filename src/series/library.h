// Library: all metrics that are kept, by name (model/metric_name.h), within a bound of memory.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "series/track.h"

namespace weir::series {

// 1 s for 3 hours: 42 KiB each; their minutes go to whoever asks for them.
inline constexpr Span kLong{3 * 3600, 0};
// 1 s for 10 minutes and 1 min for 3 hours: 3 KiB each.
inline constexpr Span kBrief{600, 180};

// Lives on one thread.
class Library {
 public:
  static constexpr std::size_t kMostBytes = 64 * 1024 * 1024;

  explicit Library(std::size_t most = kMostBytes) : most_(most) {}

  // Made where there is none. False: all memory is used up, and nothing was kept.
  bool add(const std::string& name, Span span, Time at, double value, double count = 1);
  const Track* find(const std::string& name) const;
  // That begin so, sorted.
  std::vector<std::string> names(std::string_view prefix = {}) const;

  // Once a minute, some seconds after it has ended at `end`, so that late samples are in it. The
  // means of the long ones are returned; the brief ones keep theirs. Those that have had no sample
  // for as long as they are kept are forgotten.
  struct Minute {
    std::string name;
    double mean = 0;
  };
  std::vector<Minute> close_minute(Time end, WallTime begin);

  std::size_t size() const { return tracks_.size(); }
  std::size_t bytes() const { return bytes_; }
  std::uint64_t refused() const { return refused_; }  // samples, for want of memory

 private:
  const std::size_t most_;
  std::map<std::string, Track, std::less<>> tracks_;
  std::size_t bytes_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace weir::series
