#include "simulate/profile.h"

#include <gtest/gtest.h>

namespace weir::simulate {
namespace {

// Eight days of 100 and, from ten to eleven, 300 a second; the last one is run.
Trace days(double last_day = 1) {
  Trace trace{"days", std::vector<double>(8 * 1440, 100.0), 7 * 1440};
  for (std::size_t day = 0; day < 8; ++day) {
    for (std::size_t m = 600; m < 660; ++m) trace.rates[day * 1440 + m] = 300;
  }
  for (std::size_t m = trace.begin; m < trace.end(); ++m) trace.rates[m] *= last_day;
  return trace;
}

TEST(Profile, ExpectsWhatCameAtThatTimeOnTheDaysBefore) {
  const Trace trace = days();
  Profile profile(trace);

  profile.advance(595 * 60);
  EXPECT_NEAR(profile.expected(300s).value_or(0), 300, 1e-9);
  profile.advance(400 * 60);
  EXPECT_NEAR(profile.expected(300s).value_or(0), 100, 1e-9);
}

TEST(Profile, FollowsTheLevelOfTheLastHours) {
  const Trace trace = days(1.5);
  Profile profile(trace);

  profile.advance(400 * 60);

  EXPECT_NEAR(profile.expected(60s).value_or(0), 150, 1e-9);
}

TEST(Profile, TellsNothingWithoutADayOfHistory) {
  Trace trace = days();
  trace.begin = 0;
  Profile profile(trace);

  profile.advance(60);

  EXPECT_FALSE(profile.expected(60s));
}

TEST(Profile, DoesNotLookAhead) {
  const Trace trace = days();
  Trace other = trace;
  for (std::size_t m = trace.begin + 400; m < trace.end(); ++m) other.rates[m] = 999;
  Profile profile(trace), blind(other);

  profile.advance(399 * 60);
  blind.advance(399 * 60);

  EXPECT_EQ(profile.expected(300s), blind.expected(300s));
}

}  // namespace
}  // namespace weir::simulate
