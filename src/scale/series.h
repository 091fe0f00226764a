// Series: what a scaling group did in the last three hours, second by second. Fixed memory.
//
// A second without a sample is missing, never zero: every answer says how many seconds it rests on.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace weir::scale {

enum class Metric : std::uint8_t {
  in_flight,       // requests that hold a slot
  waiting,         // requests in line
  requests,        // arrivals per second
  instances,       // warm instances of the group
  endpoints,       // the same, and the other endpoints of its target groups
  cpu_percent,     // mean over warm instances
  memory_percent,  // mean over warm instances
  gpu_percent,     // mean over those that have devices which tell
  gpu_memory_percent,
};
inline constexpr std::size_t kMetrics = 9;

// A stretch of whole seconds, the one of `end` included.
struct Window {
  double mean = 0;
  double max = 0;
  std::uint32_t seconds = 0;  // that had a sample
  bool missing() const { return seconds == 0; }
};

// Lives on one thread. 16 bytes a second and metric, 169 KiB each and 1.5 MiB in all, from a
// metric's first sample on; latencies take 2.1 MiB.
class Series {
 public:
  static constexpr std::uint32_t kSpan = 3 * 3600;  // seconds kept
  static constexpr std::size_t kMostNames = 64;     // further ones are not kept

  // Several samples of one second are averaged. Times may not go back by more than kSpan.
  void add(Metric metric, Time at, double value);
  // Of a metric that is none of weir's own for a group: a name of metrics, or one with a dimension.
  void add(const std::string& name, Time at, double value);
  // Where a value of it is kept. Lives as long as the name is wanted.
  std::optional<Metric> named(std::string_view name) const;
  // Forgets all names but these.
  void keep(const std::vector<std::string>& names);
  // A counter's total so far; kept as the rate since the call before, at most once a second.
  void add_total(Metric metric, Time at, std::uint64_t total);
  // `count` requests that took `seconds` each (rounded by at most 9 %; 1 ms to 4.6 hours).
  void add_latency(Time at, double seconds, std::uint32_t count = 1);

  Window window(Metric metric, Time end, std::uint32_t seconds) const;
  // The second's average.
  std::optional<double> at(Metric metric, Time second) const;
  // The last sample's second, or nothing.
  std::optional<Time> last(Metric metric) const;

  struct Latency {
    double seconds = 0;       // at the percentile
    std::uint64_t count = 0;  // requests that the answer rests on; 0 is missing
  };
  // `share` of requests were at most this slow: 0.95 is p95.
  Latency latency(double share, Time end, std::uint32_t seconds) const;

 private:
  static constexpr std::size_t kBuckets = 96;  // four an octave, from 1 ms

  struct Slot {
    std::int64_t second = -1;
    float sum = 0;
    std::uint32_t count = 0;
  };
  struct LatencySlot {
    std::int64_t second = -1;
    std::array<std::uint16_t, kBuckets> counts{};
  };
  struct Total {
    std::optional<Time> at;
    std::uint64_t value = 0;
  };

  const Slot* find(Metric metric, std::int64_t second) const;

  std::vector<std::vector<Slot>> slots_ = std::vector<std::vector<Slot>>(kMetrics);
  std::vector<std::int64_t> last_ = std::vector<std::int64_t>(kMetrics, -1);
  std::array<Total, kMetrics> totals_;
  std::vector<std::string> names_;  // from place kMetrics on; empty: the place is free
  std::vector<LatencySlot> latencies_;
};

}  // namespace weir::scale
