#include "balance/slow_start.h"

#include <gtest/gtest.h>

namespace weir::balance {
namespace {

TEST(SlowStartShare, GrowsInAStraightLineByDefault) {
  EXPECT_NEAR(ramp_share(0.3, 1, 0.1), 0.3, 1e-12);
  EXPECT_NEAR(ramp_share(0.9, 1, 0.1), 0.9, 1e-12);
  EXPECT_EQ(ramp_share(1, 1, 0.1), 1);
}

TEST(SlowStartShare, BeginsWithTheLeastShare) {
  EXPECT_EQ(ramp_share(0, 1, 0.1), 0.1);
  EXPECT_EQ(ramp_share(0.04, 1, 0.25), 0.25);
  EXPECT_GT(ramp_share(0, 1, 0), 0);
}

// Envoy: (time / window) ^ (1 / aggression).
TEST(SlowStartShare, FollowsItsAggression) {
  EXPECT_NEAR(ramp_share(0.25, 2, 0.1), 0.5, 1e-12);
  EXPECT_NEAR(ramp_share(0.5, 0.5, 0.1), 0.25, 1e-12);
}

}  // namespace
}  // namespace weir::balance
