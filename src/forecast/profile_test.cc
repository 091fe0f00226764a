#include <gtest/gtest.h>

#include "forecast/test_series.h"

namespace weir::forecast {
namespace {

TEST(Profile, RepeatsADailyLoadFromTheFirstDayOn) {
  Fed fed("profile");
  fed.feed(Fed::kDay, daily);

  EXPECT_LT(fed.worst(daily), 1e-9);
}

TEST(Profile, IsTheMeanOfSevenDays) {
  Fed fed("profile");
  fed.feed(7 * Fed::kDay, [](double t) { return std::floor(t / Fed::kDay); });

  // The last hour is twice its mean of the six days before; after a day that counts for little.
  EXPECT_NEAR(fed.forecast(Fed::kDay).value(), 3, 0.2);
}

TEST(Profile, FollowsTheLevelOfTheLastHour) {
  Fed fed("profile");
  const auto half_more = [](double t) { return 1.5 * daily(t); };
  fed.feed(7 * Fed::kDay, daily).feed(6, half_more);

  const double next = fed.next();
  EXPECT_NEAR(fed.forecast(1).value(), half_more(next), 0.01 * half_more(next));
}

TEST(Profile, TrustsTheLevelLessTheFurtherAhead) {
  Fed fed("profile");
  fed.feed(7 * Fed::kDay, [](double) { return 10; }).feed(6, [](double) { return 20; });

  EXPECT_NEAR(fed.forecast(1).value(), 20, 0.01);
  EXPECT_NEAR(fed.forecast(1 + Fed::kDay / 4).value(), 14.1, 0.1);  // 10 x 2^(1/2) after six hours
  EXPECT_NEAR(fed.forecast(Fed::kDay).value(), 10.4 + 10.0 / 7, 0.4);
}

TEST(Profile, TakesNoOutageForANewLevel) {
  Fed fed("profile");
  fed.feed(7 * Fed::kDay, [](double) { return 10; }).feed(6, [](double) { return 0; });

  EXPECT_NEAR(fed.forecast(1).value(), 3, 0.01);
}

}  // namespace
}  // namespace weir::forecast
