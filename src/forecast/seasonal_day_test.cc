#include <gtest/gtest.h>

#include "forecast/test_series.h"

namespace weir::forecast {
namespace {

TEST(SeasonalDay, RepeatsADailyLoadExactly) {
  Fed fed("seasonal_day");
  fed.feed(Fed::kDay, daily);

  EXPECT_LT(fed.worst(daily), 1e-9);
}

TEST(SeasonalDay, TakesTheLastDayThatIsKnownForLongerLeads) {
  Fed fed("seasonal_day");
  fed.feed(3 * Fed::kDay, [](double t) { return t; });

  EXPECT_EQ(fed.forecast(Fed::kDay), 3.0 * Fed::kDay - 1);
  EXPECT_EQ(fed.forecast(Fed::kDay + 1), 2.0 * Fed::kDay);
  EXPECT_EQ(fed.forecast(2 * Fed::kDay), 3.0 * Fed::kDay - 1);
}

TEST(SeasonalDay, SaysNothingOfATimeOfDayThatItHasNotSeen) {
  Fed fed("seasonal_day");
  fed.feed(Fed::kDay - 1, daily);

  EXPECT_EQ(fed.forecast(1), std::nullopt);
  EXPECT_EQ(fed.forecast(2), daily(0));
}

}  // namespace
}  // namespace weir::forecast
