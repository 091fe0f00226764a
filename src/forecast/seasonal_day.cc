// Seasonal naive, day: it will be what it was at the same time of the last day.
#include "forecast/method.h"
#include "forecast/season.h"

namespace weir::forecast {
namespace {

class SeasonalDay final : public Method {
 public:
  std::optional<double> forecast(const History& history, std::uint32_t lead) const override {
    const std::uint64_t then = same_time_ago(lead, history.day());
    if (!history.has(then)) return std::nullopt;
    return history.ago(then);
  }
};

}  // namespace

std::unique_ptr<Method> seasonal_day(std::uint32_t) { return std::make_unique<SeasonalDay>(); }

}  // namespace weir::forecast
