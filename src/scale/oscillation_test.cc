#include "scale/oscillation.h"

#include <gtest/gtest.h>

namespace weir::scale {
namespace {

constexpr Time kBegin(10h);

TEST(Oscillation, IsFourTurnsWithinHalfAnHour) {
  Oscillation seen;
  seen.changed(2, 6, kBegin);
  seen.changed(6, 2, kBegin + 5min);
  seen.changed(2, 5, kBegin + 10min);
  seen.changed(5, 2, kBegin + 15min);
  EXPECT_FALSE(seen.report(kBegin + 16min));
  seen.changed(2, 6, kBegin + 20min);

  const auto report = seen.report(kBegin + 20min);

  ASSERT_TRUE(report);
  EXPECT_EQ(report->reversals, 4u);
  EXPECT_EQ(report->text, "it turned 4 times within 30m, between 2 and 6");
}

TEST(Oscillation, IsNotGrowthInSteps) {
  Oscillation seen;
  for (std::uint32_t n = 1; n < 20; ++n) seen.changed(n, n + 1, kBegin + n * 1min);
  EXPECT_EQ(seen.reversals(kBegin + 20min), 0u);
}

TEST(Oscillation, IsOverHalfAnHourLater) {
  Oscillation seen;
  for (std::uint32_t n = 0; n < 6; ++n) {
    seen.changed(2 + n % 2, 3 - n % 2, kBegin + n * 1min);
  }
  EXPECT_TRUE(seen.report(kBegin + 6min));
  EXPECT_FALSE(seen.report(kBegin + 36min));
}

TEST(Oscillation, IsNewsOnceInAWindow) {
  Oscillation seen;
  for (std::uint32_t n = 0; n < 60; ++n) {
    seen.changed(2 + n % 2, 3 - n % 2, kBegin + n * 1min);
  }
  EXPECT_TRUE(seen.report(kBegin + 60min)->fresh);
  EXPECT_FALSE(seen.report(kBegin + 61min)->fresh);
  for (std::uint32_t n = 60; n < 100; ++n) {
    seen.changed(2 + n % 2, 3 - n % 2, kBegin + n * 1min);
  }
  EXPECT_TRUE(seen.report(kBegin + 100min)->fresh);
}

TEST(Oscillation, IsNotRestingAtZeroAndBeingWoken) {
  Oscillation seen;
  for (int n = 0; n < 10; ++n) {
    seen.changed(0, 1, kBegin + n * 2min);
    seen.changed(1, 0, kBegin + n * 2min + 1min);
  }
  EXPECT_EQ(seen.reversals(kBegin + 20min), 0u);
}

}  // namespace
}  // namespace weir::scale
