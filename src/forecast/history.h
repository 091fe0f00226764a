// History: the last eight days of a load, step by step, with its gaps filled. Fixed memory.
//
// A value is at least 0 and finite; anything else is a gap. A gap is filled with the value of a day
// before, or with the last one while there is none. Before the first value there is no history.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace weir::forecast {

// Lives on one thread. 8 bytes a step: 92 KiB where a step is a minute.
class History {
 public:
  static constexpr std::uint32_t kDays = 8;

  // A step is at most an hour, and divides a day.
  explicit History(Duration step);

  // The next step's value.
  void add(std::optional<double> value);

  std::uint32_t day() const { return day_; }       // in steps
  std::uint32_t week() const { return 7 * day_; }  // in steps
  std::uint32_t hour() const;                      // in steps, at least 1

  std::uint64_t size() const { return size_; }  // steps since the first value, gaps included
  // Whether the last step was a gap, or there is none.
  bool gap() const { return gap_; }
  // Whether the value of so many steps before the last is kept.
  bool has(std::uint64_t ago) const;
  // That value; 0 is the last step's.
  double ago(std::uint64_t steps) const;

 private:
  std::uint32_t day_;
  std::vector<double> values_;  // a ring
  std::uint64_t size_ = 0;
  bool gap_ = true;
};

}  // namespace weir::forecast
