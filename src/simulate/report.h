// Report: what a replay has shown. Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/latency_goal.h"
#include "scale/engine.h"

namespace weir::simulate {

// Of times in seconds.
struct Percentiles {
  double mean = 0, p50 = 0, p90 = 0, p95 = 0, p99 = 0, most = 0;
};

// A stretch of the replay, all of the same length.
struct Stretch {
  double at = 0;                                 // seconds from the trace's begin
  double arrivals = 0;                           // per second
  double waiting = 0;                            // requests in line, a mean
  double in_flight = 0;                          // requests at servers, a mean
  double desired = 0, present = 0, serving = 0;  // instances, means
  double p50 = 0, p95 = 0;                       // seconds to the end, of those that arrived in it
};

struct Report {
  std::string name;   // of the configuration, or the reference
  std::string group;  // scaling group
  // Of requests that are judged: those that came after the part that is skipped.
  std::uint64_t requests = 0, answered = 0;
  std::uint64_t full = 0;       // refused: the line was full, or a circuit breaker tripped
  std::uint64_t timed_out = 0;  // waited longer than the line allows
  std::uint64_t cut = 0;        // ended with their server
  Percentiles wait, first_byte, total;
  std::optional<LatencyGoal> goal;
  double attainment = 0;  // share of requests within the goal's bound; what is refused is not
  bool met = false;       // as many as the goal's percentile asks for

  double hours = 0;  // of the replay, from where it is judged to its last answer
  double instance_hours = 0;
  std::optional<double> cost;  // where the model has a price
  std::uint32_t peak = 0;      // most instances at once
  std::uint64_t changes = 0;   // of the desired capacity
  std::uint64_t launched = 0;
  std::optional<double> cached;  // share of input tokens that a prefix cache had
  std::vector<scale::Activity> activities;
  std::vector<Stretch> stretches;
  std::vector<std::string> notes;  // what is to be known of it
};

}  // namespace weir::simulate
