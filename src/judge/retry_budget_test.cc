#include "judge/retry_budget.h"

#include <gtest/gtest.h>

namespace weir::judge {
namespace {

TEST(RetryBudget, IsAShareOfTheActiveRequests) {
  GroupLoad group;
  const Retry options;  // 0.2, floor 3
  group.in_flight = 100;

  for (int n = 0; n < 20; ++n) EXPECT_TRUE(take_retry(group, options));
  EXPECT_FALSE(take_retry(group, options));

  give_retry_back(group);
  EXPECT_TRUE(take_retry(group, options));
  EXPECT_EQ(group.retrying, 20u);
}

TEST(RetryBudget, HasAFloorForQuietGroups) {
  GroupLoad group;
  const Retry options;
  for (int n = 0; n < 3; ++n) EXPECT_TRUE(take_retry(group, options));
  EXPECT_FALSE(take_retry(group, options));
}

TEST(RetryBudget, OfNothingAllowsNone) {
  GroupLoad group;
  group.in_flight = 100;
  Retry options;
  options.budget = 0;
  options.budget_floor = 0;
  EXPECT_FALSE(take_retry(group, options));
}

}  // namespace
}  // namespace weir::judge
