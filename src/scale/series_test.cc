#include "scale/series.h"

#include <gtest/gtest.h>

namespace weir::scale {
namespace {

Time at(double s) { return Time(from_seconds(s)); }

TEST(Series, AveragesSamplesWithinASecondAndSecondsWithinAWindow) {
  Series series;
  series.add(Metric::in_flight, at(10.1), 2);
  series.add(Metric::in_flight, at(10.9), 4);
  series.add(Metric::in_flight, at(11.5), 9);

  const Window both = series.window(Metric::in_flight, at(11.5), 2);

  EXPECT_DOUBLE_EQ(both.mean, 6);
  EXPECT_DOUBLE_EQ(both.max, 9);
  EXPECT_EQ(both.seconds, 2u);
  EXPECT_DOUBLE_EQ(*series.at(Metric::in_flight, at(10)), 3);
}

TEST(Series, SaysThatDataIsMissingInsteadOfZero) {
  Series series;
  series.add(Metric::cpu_percent, at(100), 50);

  EXPECT_TRUE(series.window(Metric::cpu_percent, at(99), 10).missing());
  EXPECT_EQ(series.window(Metric::cpu_percent, at(105), 10).seconds, 1u);
  EXPECT_DOUBLE_EQ(series.window(Metric::cpu_percent, at(105), 10).mean, 50);
  EXPECT_FALSE(series.at(Metric::cpu_percent, at(101)));
  EXPECT_FALSE(series.last(Metric::waiting));
  EXPECT_EQ(series.latency(0.95, at(100), 60).count, 0u);
}

TEST(Series, ForgetsWhatIsOlderThanItsSpan) {
  Series series;
  series.add(Metric::waiting, at(5), 7);
  for (int s = 0; s < 2 * static_cast<int>(Series::kSpan); ++s) {
    series.add(Metric::waiting, at(1000 + s), 1);
  }

  EXPECT_TRUE(series.window(Metric::waiting, at(5), 1).missing());
  const Window all =
      series.window(Metric::waiting, at(1000 + 2 * Series::kSpan - 1), 2 * Series::kSpan);
  EXPECT_EQ(all.seconds, Series::kSpan);
  EXPECT_DOUBLE_EQ(all.max, 1);
}

TEST(Series, TurnsACounterIntoARate) {
  Series series;
  series.add_total(Metric::requests, at(10), 100);
  series.add_total(Metric::requests, at(10.2), 140);  // too soon to tell
  series.add_total(Metric::requests, at(11), 150);

  EXPECT_TRUE(series.window(Metric::requests, at(10.5), 1).missing());
  EXPECT_DOUBLE_EQ(*series.at(Metric::requests, at(11)), 50);
}

TEST(Series, SpreadsALateCounterOverTheSecondsItCovers) {
  Series series;
  series.add_total(Metric::requests, at(10), 0);
  series.add_total(Metric::requests, at(13), 30);

  EXPECT_DOUBLE_EQ(series.window(Metric::requests, at(13), 3).mean, 10);
  EXPECT_EQ(series.window(Metric::requests, at(13), 3).seconds, 3u);
}

TEST(Series, TakesACounterThatBeganAnewAsAStart) {
  Series series;
  series.add_total(Metric::requests, at(10), 1000);
  series.add_total(Metric::requests, at(11), 5);
  series.add_total(Metric::requests, at(12), 25);

  EXPECT_FALSE(series.at(Metric::requests, at(11)));
  EXPECT_DOUBLE_EQ(*series.at(Metric::requests, at(12)), 20);
}

TEST(Series, FindsPercentilesOfLatencyWithinItsBuckets) {
  Series series;
  for (int i = 1; i <= 1000; ++i) series.add_latency(at(100 + i % 10), i * 0.001);

  const auto p50 = series.latency(0.50, at(109), 10);
  const auto p95 = series.latency(0.95, at(109), 10);

  EXPECT_EQ(p50.count, 1000u);
  EXPECT_NEAR(p50.seconds, 0.5, 0.5 * 0.1);
  EXPECT_NEAR(p95.seconds, 0.95, 0.95 * 0.1);
  EXPECT_EQ(series.latency(0.5, at(109), 1).count, 100u);
}

TEST(Series, KeepsLatenciesBeyondItsScaleAtItsEnds) {
  Series series;
  series.add_latency(at(1), 0);
  series.add_latency(at(2), 1e9);

  EXPECT_LT(series.latency(1, at(1), 1).seconds, 0.002);
  EXPECT_GT(series.latency(1, at(2), 1).seconds, 3600);
}

}  // namespace
}  // namespace weir::scale
