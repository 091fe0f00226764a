// Meters: measures what runs, each second, into a series::Library; computes the metrics of the
// configuration from it, and takes what users push.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/desired.h"
#include "model/metric_math.h"
#include "model/metric_name.h"
#include "model/snapshot.h"
#include "observe/metrics.h"
#include "scale/series.h"
#include "series/library.h"

namespace weir::control {

// Counters so far, as the data plane keeps them.
struct Counts {
  struct Requests {
    std::string listener, group, code;  // 2xx, 5xx, ...
    std::uint64_t total = 0;
  };
  std::vector<Requests> requests;
  std::map<std::string, std::uint64_t> connections;  // accepted, by listener
};

struct MeterMoment {
  Time now;
  WallTime wall;
};

// Lives on the control thread.
class Meters {
 public:
  using Latencies = std::function<observe::Distribution(const std::string& group)>;

  // What is computed and watched from now on. `desired` is valid.
  void update(const Desired& desired);

  // Once a second, in this order. What a scaling group or instance says of itself comes by tell().
  void sample(const Snapshot& snapshot, const Counts& counts, const Latencies& latencies,
              MeterMoment at);
  void tell(Subject subject, const std::string& whose, const std::string& metric, Time at,
            double value);
  void compute(Time at);
  // The means of a minute that has ended, once for each; nothing in between.
  struct Closed {
    WallTime begin{};
    std::vector<series::Library::Minute> means;
  };
  std::optional<Closed> close_minute(MeterMoment at);

  // A custom metric, its name with or without "custom." before it. `time` at most 3 hours ago and
  // 10 seconds ahead; none: now. `value` is the sum of `count` values.
  Result<> push(MetricName name, double value, std::optional<WallTime> time, MeterMoment at,
                double count = 1);

  // Of one second; by any way to write the name.
  std::optional<double> value(const std::string& name, Time second) const;
  // For an alarm of its own.
  std::vector<std::optional<double>> datapoints(const Alarm& alarm, Time now,
                                                std::size_t count) const;
  const series::Library& library() const { return library_; }

 private:
  struct Computed {
    MetricMath math;
    std::vector<std::string> names;  // of math.names(), written in the one way
  };
  void sample_group(const Group& group, const Latencies& latencies, Time at);
  void sample_latency(const Group& group, const Latencies& latencies, Time at);
  void tell_rate(Subject subject, const std::string& whose, const std::string& metric, Time at,
                 std::uint64_t total);
  std::optional<double> computed(const std::string& name, Time second, Time current) const;

  struct Total {
    Time at{};
    std::uint64_t value = 0;
  };
  struct Latency {
    observe::Distribution before;
    std::unique_ptr<scale::Series> series;  // where an alarm watches its percentiles
    bool known = false;
  };

  series::Library library_;
  std::map<std::string, Computed> computed_;
  std::map<std::string, Total> totals_;
  std::map<std::string, Latency> latencies_;  // by target group
  std::optional<std::int64_t> minute_;        // of wall time, the last that was closed
};

}  // namespace weir::control
