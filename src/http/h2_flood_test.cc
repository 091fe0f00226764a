#include "http/h2_flood.h"

#include <gtest/gtest.h>

namespace weir::http {
namespace {

// How many in a row pass.
int passing(FloodGuard& guard, double cost, Time now) {
  int count = 0;
  while (count < 1'000'000 && guard.charge(cost, now)) ++count;
  return count;
}

TEST(FloodGuard, EndsABurst) {
  const ManualClock clock;
  FloodGuard frames(clock.now());
  FloodGuard resets(clock.now());
  FloodGuard faults(clock.now());

  EXPECT_EQ(passing(frames, FloodGuard::kIdleFrame, clock.now()), 1000);
  EXPECT_EQ(passing(resets, FloodGuard::kReset, clock.now()), 500);
  EXPECT_EQ(passing(faults, FloodGuard::kFault, clock.now()), 100);
}

TEST(FloodGuard, LeavesAloneWhatComesSlowly) {
  ManualClock clock;
  FloodGuard guard(clock.now());

  for (int i = 0; i < 100'000; ++i) {
    clock.advance(10ms);
    ASSERT_TRUE(guard.charge(FloodGuard::kIdleFrame, clock.now()));
  }
}

TEST(FloodGuard, DoesNotSaveUpMoreThanABurst) {
  ManualClock clock;
  FloodGuard guard(clock.now());

  clock.advance(24h);
  guard.refund(1e9);

  EXPECT_EQ(passing(guard, FloodGuard::kIdleFrame, clock.now()), 1000);
}

TEST(FloodGuard, TakesWorkIntoAccount) {
  const ManualClock clock;
  FloodGuard guard(clock.now());

  for (int i = 0; i < 100'000; ++i) {
    guard.refund(2);
    ASSERT_TRUE(guard.charge(FloodGuard::kIdleFrame, clock.now()));
    ASSERT_TRUE(guard.charge(FloodGuard::kIdleFrame, clock.now()));
  }
}

}  // namespace
}  // namespace weir::http
