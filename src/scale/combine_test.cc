#include "scale/combine.h"

#include <gtest/gtest.h>

namespace weir::scale {
namespace {

Wish of(std::vector<Decision> decisions) { return combine(decisions, 4); }

TEST(Combine, ScalesOutIfAnyPolicyDoesByTheLargest) {
  const Wish wish = of({{5, "five", true}, {7, "seven", true}, {2, "two", true}});
  EXPECT_EQ(wish.desired, 7u);
  EXPECT_EQ(wish.reason, "seven");
}

TEST(Combine, ScalesInOnlyIfAllDoToTheLargest) {
  EXPECT_EQ(of({{2, "two", true}, {3, "three", true}}).desired, 3u);
  EXPECT_EQ(of({{2, "two", true}, {4, "stay", true}}).desired, 4u);
  EXPECT_EQ(of({{2, "two", true}, {4, "stay", true}}).reason, "stay");
}

TEST(Combine, HoldsWhereAPolicyCannotTell) {
  EXPECT_EQ(of({{2, "two", true}, {std::nullopt, "no data", true}}).desired, 4u);
  EXPECT_EQ(of({{6, "six", true}, {std::nullopt, "no data", true}}).desired, 6u);
}

TEST(Combine, LetsAPolicyWithoutScaleInNotBlockTheOthers) {
  EXPECT_EQ(of({{2, "two", true}, {std::nullopt, "off", false}}).desired, 2u);
  EXPECT_EQ(of({{std::nullopt, "off", false}}).desired, 4u);
}

TEST(Combine, StaysWithoutPolicies) { EXPECT_EQ(of({}).desired, 4u); }

}  // namespace
}  // namespace weir::scale
