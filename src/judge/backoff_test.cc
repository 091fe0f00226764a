#include "judge/backoff.h"

#include <gtest/gtest.h>

namespace weir::judge {
namespace {

TEST(Backoff, DoublesUpToItsMost) {
  EXPECT_EQ(backoff_bound(25ms, 1s, 1), 25ms);
  EXPECT_EQ(backoff_bound(25ms, 1s, 2), 50ms);
  EXPECT_EQ(backoff_bound(25ms, 1s, 6), 800ms);
  EXPECT_EQ(backoff_bound(25ms, 1s, 7), 1s);
  EXPECT_EQ(backoff_bound(25ms, 1s, 4'000'000'000), 1s);
  EXPECT_EQ(backoff_bound(2s, 1s, 1), 1s);
  EXPECT_EQ(backoff_bound(25ms, Duration::max(), 4'000'000'000), Duration::max());
}

TEST(Backoff, FallsAnywhereBelowItsBound) {
  Random random(1);
  Duration least = 1h, most{0}, sum{0};
  for (int n = 0; n < 10000; ++n) {
    const Duration wait = backoff(100ms, 1s, 2, random);
    least = std::min(least, wait);
    most = std::max(most, wait);
    sum += wait;
  }
  EXPECT_LT(least, 5ms);
  EXPECT_GT(most, 195ms);
  EXPECT_LE(most, 200ms);
  EXPECT_NEAR(seconds(sum) / 10000, 0.1, 0.005);
}

TEST(Backoff, OfNothingIsNothing) {
  Random random(1);
  EXPECT_EQ(backoff(0s, 1s, 5, random), 0s);
}

}  // namespace
}  // namespace weir::judge
