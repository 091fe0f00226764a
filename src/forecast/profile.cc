// Profile x level: the mean of the same time on the last seven days, times how the last hour
// compares with its own such mean. The further ahead, the less that ratio counts: half of it (of
// its logarithm) every six hours.
#include <algorithm>
#include <cmath>

#include "forecast/method.h"
#include "forecast/season.h"

namespace weir::forecast {
namespace {

constexpr std::uint32_t kDays = 7;
constexpr double kLeast = 0.3, kMost = 3;  // of the ratio: an outage is no new level
constexpr double kHalvings = 4;            // a day

class Profile final : public Method {
 public:
  void update(const History& history) override {
    double seen = 0, usual = 0;
    for (std::uint32_t ago = 0; ago < history.hour(); ++ago) {
      if (!history.has(ago + history.day())) break;
      seen += history.ago(ago);
      usual += mean(history, ago + history.day());
    }
    ratio_ = usual > 0 ? std::clamp(seen / usual, kLeast, kMost) : 1;
  }

  std::optional<double> forecast(const History& history, std::uint32_t lead) const override {
    const std::uint64_t then = same_time_ago(lead, history.day());
    if (!history.has(then)) return std::nullopt;
    const double days = static_cast<double>(lead - 1) / history.day();
    return mean(history, then) * std::pow(ratio_, std::exp2(-kHalvings * days));
  }

 private:
  // Of the step `ago` and the same time of the days before it.
  static double mean(const History& history, std::uint64_t ago) {
    double sum = 0;
    std::uint32_t days = 0;
    for (; days < kDays && history.has(ago); ++days, ago += history.day()) sum += history.ago(ago);
    return sum / std::max(days, 1u);
  }

  double ratio_ = 1;
};

}  // namespace

std::unique_ptr<Method> profile(std::uint32_t) { return std::make_unique<Profile>(); }

}  // namespace weir::forecast
