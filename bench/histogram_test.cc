#include "bench/histogram.h"

#include <gtest/gtest.h>

namespace weir::bench {
namespace {

TEST(Histogram, IsZeroWithoutValues) {
  const Histogram histogram;

  EXPECT_EQ(histogram.percentile(0.5), Duration(0));
  EXPECT_EQ(histogram.count(), 0u);
}

TEST(Histogram, FindsPercentilesWithinHalfAPercent) {
  Histogram histogram;

  for (int us = 1; us <= 1000; ++us) histogram.add(std::chrono::microseconds(us));

  EXPECT_NEAR(seconds(histogram.percentile(0.50)), 500e-6, 2.5e-6);
  EXPECT_NEAR(seconds(histogram.percentile(0.99)), 990e-6, 5e-6);
  EXPECT_EQ(histogram.percentile(1.0), Duration(1ms));
  EXPECT_EQ(histogram.max(), Duration(1ms));
}

TEST(Histogram, KeepsSmallValuesExactly) {
  Histogram histogram;

  histogram.add(Duration(3));
  histogram.add(Duration(200));

  EXPECT_EQ(histogram.percentile(0.5), Duration(3));
  EXPECT_EQ(histogram.percentile(0.51), Duration(200));
}

TEST(Histogram, TakesValuesBeyondItsRangeIntoTheLastBucket) {
  Histogram histogram;

  histogram.add(Duration(24h) * 365);

  EXPECT_EQ(histogram.count(), 1u);
  EXPECT_EQ(histogram.max(), Duration(24h) * 365);
}

}  // namespace
}  // namespace weir::bench
