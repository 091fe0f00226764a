// LatencyGoal: a bound on a percentile of a request's time, as people write it: p95<2s.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace weir {

struct LatencyGoal {
  enum class Of : std::uint8_t {
    total,       // from its arrival to the end of its answer
    first_byte,  // to the first byte of it
    wait,        // in weir's line
  };
  Of of = Of::total;
  double percentile = 95;  // above 0 and below 100
  Duration bound = 2s;     // above 0
  bool operator==(const LatencyGoal&) const = default;
};

// p95<2s, "first_byte p99.5 < 500ms", "wait p95<1s". Any thread.
Result<LatencyGoal> parse_latency_goal(std::string_view text);
// Parses back to the same.
std::string to_string(const LatencyGoal& goal);
std::string_view to_string(LatencyGoal::Of of);

}  // namespace weir
