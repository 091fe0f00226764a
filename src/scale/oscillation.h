// Oscillation: notices that a group's policies move it to and fro. Pure.
//
// A reversal is a change of the desired capacity against the direction of the one before. Traffic
// turns a few times a day; where the capacity turns kReversals times within kWindow, it follows
// itself (what one change does to the metric undoes it) or a noise. From or to zero is left out: a
// group that rests and is woken does what it should.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/clock.h"

namespace weir::scale {

// Lives on one thread. Remembers the changes of kWindow, at most kMost of them.
class Oscillation {
 public:
  static constexpr Duration kWindow = 30min;
  static constexpr std::uint32_t kReversals = 4;
  static constexpr std::size_t kMost = 1000;

  // The policies have changed it.
  void changed(std::uint32_t from, std::uint32_t to, Time now);

  // Reversals within kWindow.
  std::uint32_t reversals(Time now);
  struct Report {
    std::uint32_t reversals = 0;
    std::uint32_t low = 0, high = 0;  // between which it moved
    bool fresh = false;               // not reported for kWindow: worth an activity
    std::string text;                 // a clause in the past tense
  };
  // While there are too many.
  std::optional<Report> report(Time now);

 private:
  struct Change {
    Time at;
    std::uint32_t from, to;
    bool reversal;
  };
  std::deque<Change> changes_;
  std::optional<Time> told_;
};

}  // namespace weir::scale
