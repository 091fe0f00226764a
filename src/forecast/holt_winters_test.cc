#include <gtest/gtest.h>

#include "forecast/test_series.h"

namespace weir::forecast {
namespace {

TEST(HoltWinters, RepeatsADailyLoadFromTheFirstDayOn) {
  Fed fed("holt_winters");
  fed.feed(Fed::kDay, daily);
  EXPECT_LT(fed.worst(daily), 1e-9);

  fed.feed(5 * Fed::kDay, daily);
  EXPECT_LT(fed.worst(daily), 1e-9);
}

TEST(HoltWinters, FollowsANewLevelWithinTheHour) {
  Fed fed("holt_winters");
  const auto higher = [](double t) { return daily(t) + 100; };
  fed.feed(4 * Fed::kDay, daily).feed(6, higher);

  EXPECT_NEAR(fed.forecast(1).value(), higher(fed.next()), 10);
}

TEST(HoltWinters, CoastsThroughAGap) {
  Fed fed("holt_winters");
  fed.feed(4 * Fed::kDay, daily).gap(Fed::kDay + 50);

  EXPECT_LT(fed.worst(daily), 1e-6);
}

TEST(HoltWinters, SaysTheLevelOnTheFirstDay) {
  Fed fed("holt_winters");
  fed.feed(20, [](double t) { return t < 10 ? 50 : std::fmod(t, 2) < 1 ? 90 : 110; });

  EXPECT_NEAR(fed.forecast(1).value(), 100, 6);
  EXPECT_EQ(fed.forecast(1), fed.forecast(Fed::kDay));
}

}  // namespace
}  // namespace weir::forecast
