// Holt-Winters, additive, seasonal by day: a level, a trend that is damped, and what each time of
// day adds (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 8.3). The
// first day sets the start; in a gap it coasts.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "forecast/method.h"

namespace weir::forecast {
namespace {

constexpr double kLevel = 0.4, kTrend = 0.01, kSeason = 0.3;  // alpha, beta, gamma
constexpr double kDamping = 0.9;

class HoltWinters final : public Method {
 public:
  explicit HoltWinters(std::uint32_t day) : season_(day) {}

  void update(const History& history) override {
    if (history.size() == 0) return;
    double& season = season_[steps_++ % season_.size()];
    if (steps_ <= season_.size()) {
      season = history.ago(0);
      if (steps_ == season_.size()) start();
      return;
    }
    const double expected = level_ + kDamping * trend_;
    if (history.gap()) {
      level_ = expected;
      trend_ *= kDamping;
      return;
    }
    const double value = history.ago(0);
    const double before = level_;
    level_ = kLevel * (value - season) + (1 - kLevel) * expected;
    trend_ = kTrend * (level_ - before) + (1 - kTrend) * kDamping * trend_;
    season = kSeason * (value - level_) + (1 - kSeason) * season;
  }

  std::optional<double> forecast(const History&, std::uint32_t lead) const override {
    if (steps_ < season_.size()) return std::nullopt;
    const double damped = kDamping * (1 - std::pow(kDamping, lead)) / (1 - kDamping);
    return std::max(level_ + damped * trend_ + season_[(steps_ - 1 + lead) % season_.size()], 0.0);
  }

 private:
  void start() {
    level_ = std::accumulate(season_.begin(), season_.end(), 0.0) /
             static_cast<double>(season_.size());
    for (double& s : season_) s -= level_;
  }

  std::vector<double> season_;
  double level_ = 0, trend_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace

std::unique_ptr<Method> holt_winters(std::uint32_t day) {
  return std::make_unique<HoltWinters>(day);
}

}  // namespace weir::forecast
