#include "health/pace.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weir::health {
namespace {

class PaceTest : public testing::Test {
 protected:
  // Checks that take no time.
  Duration pause(Health health, bool instance = true) {
    const Time now = clock.now();
    const Time at = pace.next(health, options, instance, now, now, random);
    clock.advance(at - now);
    return at - now;
  }
  ManualClock clock;
  Random random{7};
  HealthCheck options;  // every 5 s
  Pace pace;
};

TEST_F(PaceTest, AsksAStartingInstanceEvery20MsThenNeverRarerThanEvery250) {
  const Time began = clock.now();
  Duration before = 0ns;
  while (clock.now() - began < 300ms) EXPECT_EQ(pause(Health::starting), 20ms);
  while (clock.now() - began < 10s) {
    const Duration now = pause(Health::starting);
    EXPECT_GE(now, before);
    EXPECT_LE(now, 250ms);
    before = now;
  }
  EXPECT_EQ(before, 250ms);
}

TEST_F(PaceTest, DelaysAStartByAtMostASixteenthOfIt) {
  const Time began = clock.now();
  while (clock.now() - began < 3s) {
    const Duration since = clock.now() - began;
    EXPECT_LE(pause(Health::starting), std::max<Duration>(20ms, since / 16));
  }
}

TEST_F(PaceTest, BacksOffToTheIntervalWhereNobodyMayBeStarting) {
  Duration last = 0ns;
  for (int i = 0; i < 1000; ++i) last = pause(Health::starting, false);

  EXPECT_EQ(last, 5s);
}

TEST_F(PaceTest, ForgetsAnEarlierStart) {
  for (int i = 0; i < 100; ++i) pause(Health::starting);
  pause(Health::healthy);

  EXPECT_EQ(pause(Health::starting), 20ms);
}

TEST_F(PaceTest, SpreadsTheFirstIntervalAndJittersTheOthers) {
  Duration least = 1h, most = 0ns;
  for (int i = 0; i < 200; ++i) {
    Pace each;
    const Time now = clock.now();
    const Duration first = each.next(Health::healthy, options, false, now, now, random) - now;
    least = std::min(least, first);
    most = std::max(most, first);
    const Duration second = each.next(Health::healthy, options, false, now, now, random) - now;
    EXPECT_GE(second, 4500ms);
    EXPECT_LE(second, 5500ms);
  }
  EXPECT_LT(least, 500ms);
  EXPECT_GT(most, 4500ms);
  EXPECT_LE(most, 5s);
}

TEST_F(PaceTest, CountsTheIntervalFromTheStartOfACheck) {
  pause(Health::unhealthy);
  const Time began = clock.now();
  clock.advance(4s);

  const Time at = pace.next(Health::unhealthy, options, false, began, clock.now(), random);

  EXPECT_LE(at - clock.now(), 1500ms);
  clock.advance(1h);
  EXPECT_EQ(pace.next(Health::unhealthy, options, false, began, clock.now(), random),
            clock.now() + 1ms);
}

}  // namespace
}  // namespace weir::health
