#include "forecast/same_time.h"

#include <gtest/gtest.h>

namespace weir::forecast {
namespace {

constexpr std::uint32_t kWeek = 168;  // steps of an hour

// Each hour of the week has its own error.
double error_at(std::uint32_t step) { return step % kWeek; }

SameTime after(std::uint32_t steps, std::uint32_t week = kWeek) {
  SameTime same(week);
  for (std::uint32_t s = 0; s < steps; ++s) same.add(100 + error_at(s), 100);
  return same;
}

TEST(SameTime, IsTheMeanErrorAroundThatTimeInTheWeeksBefore) {
  const SameTime same = after(4 * kWeek);
  for (const std::uint32_t lead : {1u, 24u, 100u}) {
    const auto sum = same.sum(lead);
    const std::uint32_t at = (4 * kWeek - 1 + lead) % kWeek;
    if (at < 2 || at + 2 > kWeek) continue;
    // at - 2 to at + 1
    EXPECT_DOUBLE_EQ(sum.error, 3 * (4.0 * at - 2)) << lead;
    EXPECT_DOUBLE_EQ(sum.actual, 3 * 4 * 100.0) << lead;
  }
}

TEST(SameTime, KnowsNothingInTheFirstWeek) {
  const auto sum = after(kWeek - 30).sum(24);
  EXPECT_EQ(sum.error, 0);
  EXPECT_EQ(sum.actual, 0);
}

TEST(SameTime, KnowsNothingOfALeadOfAWeekFromThatWeek) {
  EXPECT_DOUBLE_EQ(after(4 * kWeek).sum(kWeek).actual, 2 * 4 * 100.0);
}

TEST(SameTime, CountsWhatWasSkippedAsUnknown) {
  SameTime same(kWeek);
  for (std::uint32_t s = 0; s < 2 * kWeek; ++s) same.skip();
  EXPECT_EQ(same.sum(1).actual, 0);
}

TEST(SameTime, OfShortStepsIsExactToTenMinutes) {
  constexpr std::uint32_t kMinutes = 7 * 1440;
  SameTime same(kMinutes);
  for (std::uint32_t s = 0; s < kMinutes; ++s) same.add(s < 1440 ? 2 : 1, 1);
  // Twelve hours into the second week: of the hours 10 to 14, on a day that erred by 1 each minute.
  for (std::uint32_t s = 0; s < 710; ++s) same.add(1, 1);
  const auto sum = same.sum(10);
  EXPECT_NEAR(sum.actual, 240, 10);
  EXPECT_NEAR(sum.error, sum.actual, 1e-9);
}

}  // namespace
}  // namespace weir::forecast
