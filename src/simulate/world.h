// world: a group of equal instances as a fluid, in steps of five seconds, and a score for whoever
// scales it. A step of ten days takes tens of nanoseconds, so a policy is compared in seconds.
//
// One queue before all instances, each of 10 requests per second (1 s a request, 10 at once). An
// instance costs from its order on and serves after the start time; removal is immediate, of those
// that still start first. A request violates when it would wait more than a second. The model has
// no chance within an instance: right for one pooled queue and hundreds of slots, too kind to bad
// balancing.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "simulate/trace.h"

namespace weir::simulate {

inline constexpr double kInstanceRate = 10;  // requests per second
inline constexpr double kServiceSeconds = 1;
inline constexpr std::uint32_t kSlots = 10;
inline constexpr double kDelayBound = 1;  // seconds in line; more is a violation
inline constexpr double kPatience = 60;   // seconds in line; then clients leave, where they do

struct Batch {
  double ready_at;  // seconds
  std::uint32_t count;
};

// A step that has just ended.
struct View {
  std::size_t step = 0;
  double at = 0;        // seconds from the begin of the run to the begin of the step
  double arrivals = 0;  // in the step
  double served = 0;    // in the step
  double delay = 0;     // seconds in line, of those who came
  double queue = 0;     // at its end
  std::uint32_t ready = 0;
  std::uint32_t total = 0;                      // ready and starting
  const std::deque<Batch>* starting = nullptr;  // in the order of their order

  double utilisation() const;  // of the instances that serve
  double concurrency() const;  // served at once, and in line
};

class Scaler {
 public:
  virtual ~Scaler() = default;
  // Instances wanted, at least 1; nothing: as many as there are. Called once a step, in order.
  virtual std::optional<std::uint32_t> decide(const View& view) = 0;
};

struct WorldOptions {
  double start_seconds = 60;
  bool abandon = false;            // clients leave after kPatience
  double first_utilisation = 0.8;  // what the group is sized for at the begin
  std::size_t unscored = 15;       // minutes at the begin, so that its first size does not matter
};

struct Score {
  double violations = 0;  // share of requests
  double instance_hours = 0;
  double cost_ratio = 0;      // over lower_bound_hours()
  std::uint64_t actions = 0;  // changes of the capacity
  double excess = 0;  // the most instances over what the busiest minute of the last hour needed
};

Score run(const Trace& trace, const std::vector<double>& arrivals, const WorldOptions& options,
          Scaler& scaler);

// Instances that a minute's mean rate needs, without any to spare; at least one.
std::uint32_t needed(double rate);
// Instance-hours of the least that could serve each minute from `first_step` on, known ahead and
// started in no time.
double lower_bound_hours(const std::vector<double>& arrivals, std::size_t first_step = 0);
// The mean rate of the busiest minute from `first_step` on.
double peak(const std::vector<double>& arrivals, std::size_t first_step = 0);

}  // namespace weir::simulate
