#include <gtest/gtest.h>

#include "base/random.h"
#include "forecast/test_series.h"

namespace weir::forecast {
namespace {

TEST(Harmonic, LearnsADailyWave) {
  Fed fed("harmonic");
  fed.feed(10 * Fed::kDay, daily);

  EXPECT_LT(fed.worst(daily), 2);
}

TEST(Harmonic, LearnsAWaveOfAWeek) {
  Fed fed("harmonic");
  const auto wave = [](double t) {
    return daily(t) + 20 * std::cos(2 * std::numbers::pi * t / Fed::kWeek);
  };
  fed.feed(15 * Fed::kDay, wave);

  EXPECT_LT(fed.worst(wave), 2);
}

TEST(Harmonic, SeesAWaveThroughNoise) {
  Fed fed("harmonic");
  Random random(3);
  fed.feed(14 * Fed::kDay, [&](double t) { return daily(t) + 60 * (random.unit() - 0.5); });

  EXPECT_LT(fed.worst(daily), 8);
}

TEST(Harmonic, CarriesOnWhatTheWavesLeave) {
  Fed fed("harmonic");
  Random random(4);
  double away = 0;  // an autoregression
  fed.feed(14 * Fed::kDay, [&](double t) {
    away = 0.9 * away + 10 * (random.unit() - 0.5);
    return daily(t) + away;
  });
  fed.feed(1, [&](double t) { return daily(t) + 30; });

  EXPECT_NEAR(fed.forecast(1).value(), daily(fed.next()) + 27, 4);
  EXPECT_NEAR(fed.forecast(Fed::kDay).value(), daily(fed.next() - 1), 8);
}

TEST(Harmonic, SaysNothingBeforeADay) {
  Fed fed("harmonic");
  fed.feed(Fed::kDay - 1, daily);

  EXPECT_EQ(fed.forecast(1), std::nullopt);
}

}  // namespace
}  // namespace weir::forecast
