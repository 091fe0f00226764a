// RollingError: how wrong forecasts were over the last steps, as WAPE: the sum of absolute errors
// by the sum of what came.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace weir::forecast {

class RollingError {
 public:
  explicit RollingError(std::uint32_t window) : ring_(window) {}

  void add(double forecast, double actual) {
    put({static_cast<float>(std::abs(forecast - actual)), static_cast<float>(actual)});
  }
  // A step without forecast or without actual value.
  void skip() { put({}); }

  // Steps of the window that had both.
  std::uint32_t scored() const { return scored_; }
  // 0.1 is 10 %; infinite where errors stand against zeros; nothing where nothing was scored.
  // With sums of other steps added.
  std::optional<double> wape(double more_error = 0, double more_actual = 0) const {
    if (scored_ == 0) return std::nullopt;
    const double error = error_ + more_error, actual = actual_ + more_actual;
    if (error <= 0) return 0;
    return actual > 0 ? error / actual : std::numeric_limits<double>::infinity();
  }

 private:
  struct Step {
    float error = -1, actual = 0;  // below 0: not scored
  };

  void put(Step step) {
    Step& old = ring_[next_];
    next_ = (next_ + 1) % ring_.size();
    count(old, -1);
    old = step;
    count(old, 1);
    if (next_ == 0) recount();
  }
  void count(const Step& step, int sign) {
    if (step.error < 0) return;
    error_ += sign * double{step.error};
    actual_ += sign * double{step.actual};
    scored_ += static_cast<std::uint32_t>(sign);
  }
  // Once a round, so that what rounding leaves does not add up.
  void recount() {
    error_ = actual_ = 0;
    scored_ = 0;
    for (const Step& s : ring_) count(s, 1);
  }

  std::vector<Step> ring_;
  std::size_t next_ = 0;
  double error_ = 0, actual_ = 0;
  std::uint32_t scored_ = 0;
};

}  // namespace weir::forecast
