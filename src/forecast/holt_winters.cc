// Holt-Winters, additive, seasonal by day: a level, and what each time of day adds to it (Hyndman
// and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 8.3). Without a trend: a load
// that rises this hour falls tonight, and on recorded traffic every trend made it worse. The first
// day sets the start, and until it is over the level alone is said; in a gap it coasts.
#include <algorithm>
#include <numeric>

#include "forecast/method.h"

namespace weir::forecast {
namespace {

constexpr double kLevel = 0.4, kSeason = 0.3;  // alpha and gamma

class HoltWinters final : public Method {
 public:
  explicit HoltWinters(std::uint32_t day) : season_(day) {}

  void update(const History& history) override {
    if (history.size() == 0) return;
    const double value = history.ago(0);
    double& season = season_[steps_++ % season_.size()];
    if (steps_ <= season_.size()) return start(season, value);
    if (history.gap()) return;
    level_ = kLevel * (value - season) + (1 - kLevel) * level_;
    season = kSeason * (value - level_) + (1 - kSeason) * season;
  }

  std::optional<double> forecast(const History&, std::uint32_t lead) const override {
    if (steps_ == 0) return std::nullopt;
    if (steps_ < season_.size()) return level_;
    return std::max(level_ + season_[(steps_ - 1 + lead) % season_.size()], 0.0);
  }

 private:
  // A step of the first day; the last one splits it into its mean and the rest.
  void start(double& season, double value) {
    season = value;
    level_ = steps_ == 1 ? value : kLevel * value + (1 - kLevel) * level_;
    if (steps_ < season_.size()) return;
    level_ =
        std::accumulate(season_.begin(), season_.end(), 0.0) / static_cast<double>(season_.size());
    for (double& s : season_) s -= level_;
  }

  std::vector<double> season_;
  double level_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace

std::unique_ptr<Method> holt_winters(std::uint32_t day) {
  return std::make_unique<HoltWinters>(day);
}

}  // namespace weir::forecast
