// Tally: collects what happens in a replay, and makes the figures of a report of it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "simulate/report.h"

namespace weir::simulate {

// Not for several threads at once.
class Tally {
 public:
  // Requests that came before `skip` are not judged. Without stretches it keeps no course of
  // things.
  Tally(std::optional<LatencyGoal> goal, Duration skip, bool stretches)
      : goal_(goal), skip_(skip), stretches_(stretches) {}

  enum class Refusal : std::uint8_t { full, timed_out, cut };

  // Times since the trace's begin, and since the request's arrival.
  void answered(Duration arrived, Duration wait, Duration first_byte, Duration total);
  void refused(Duration arrived, Refusal why);
  // At each second.
  struct Look {
    std::uint32_t desired = 0, present = 0, serving = 0, waiting = 0, in_flight = 0;
  };
  void look(Duration at, const Look& look);

  // Fills in what it knows.
  void report(Report& report) const;

 private:
  struct Answer {
    float arrived, wait, first_byte, total;
  };
  bool judged(Duration arrived) const { return arrived >= skip_; }
  void arrived(Duration at);
  std::vector<Stretch> stretches() const;

  std::optional<LatencyGoal> goal_;
  Duration skip_;
  bool stretches_;
  std::vector<Answer> answers_;                  // the judged ones
  std::vector<std::uint32_t> arrivals_;          // by second
  std::vector<Look> looks_;                      // likewise
  std::vector<std::pair<float, float>> totals_;  // of all: arrived, total; for stretches
  std::uint64_t full_ = 0, timed_out_ = 0, cut_ = 0, within_ = 0;
};

// Of values in any order; all 0 for none. A percentile is the smallest value that so many are not
// above (nearest rank).
Percentiles percentiles(std::vector<float> values);

}  // namespace weir::simulate
