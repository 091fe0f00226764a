// Fed: one method and the history that it is fed from. For tests only.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <numbers>
#include <optional>
#include <string_view>
#include <utility>

#include "forecast/method.h"

namespace weir::forecast {

class Fed {
 public:
  static constexpr std::uint32_t kDay = 144;  // steps of ten minutes
  static constexpr std::uint32_t kWeek = 7 * kDay;

  explicit Fed(std::string_view method) {
    const auto names = method_names();
    const auto at = std::ranges::find(names, method) - names.begin();
    method_ = std::move(make_methods(kDay).at(static_cast<std::size_t>(at)));
  }

  void feed(std::optional<double> value) {
    history_.add(value);
    method_->update(history_);
  }
  // So many steps of `load`, a function of the step, on from where it stands.
  Fed& feed(std::uint32_t steps, const std::function<double(double)>& load) {
    for (std::uint32_t i = 0; i < steps; ++i) feed(load(next_++));
    return *this;
  }
  Fed& gap(std::uint32_t steps) {
    for (std::uint32_t i = 0; i < steps; ++i, ++next_) feed(std::nullopt);
    return *this;
  }

  std::optional<double> forecast(std::uint32_t lead) const {
    return method_->forecast(history_, lead);
  }
  // The largest error over the leads of the next day, with `load` as the truth; infinite where it
  // says nothing.
  double worst(const std::function<double(double)>& load) const {
    double most = 0;
    for (std::uint32_t lead = 1; lead <= kDay; ++lead) {
      const auto said = forecast(lead);
      if (!said) return INFINITY;
      most = std::max(most, std::abs(*said - load(next_ - 1.0 + lead)));
    }
    return most;
  }
  double next() const { return next_; }

 private:
  History history_{10min};
  std::unique_ptr<Method> method_;
  std::uint32_t next_ = 0;
};

inline double daily(double step) {
  return 100 + 50 * std::sin(2 * std::numbers::pi * step / Fed::kDay);
}
// Half of it on the last two days of a week.
inline double weekly(double step) {
  return daily(step) * (std::fmod(step, Fed::kWeek) < 5 * Fed::kDay ? 1 : 0.5);
}

}  // namespace weir::forecast
