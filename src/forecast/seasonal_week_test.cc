#include <gtest/gtest.h>

#include "forecast/test_series.h"

namespace weir::forecast {
namespace {

TEST(SeasonalWeek, RepeatsAWeeklyLoadExactly) {
  Fed fed("seasonal_week");
  fed.feed(Fed::kWeek + 4 * Fed::kDay, weekly);  // the next day but one is a quiet one

  EXPECT_LT(fed.worst(weekly), 1e-9);
}

TEST(SeasonalWeek, SaysNothingBeforeAWeek) {
  Fed fed("seasonal_week");
  fed.feed(Fed::kWeek - 1, weekly);

  EXPECT_EQ(fed.forecast(1), std::nullopt);
}

}  // namespace
}  // namespace weir::forecast
