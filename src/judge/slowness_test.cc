#include "judge/slowness.h"

#include <gtest/gtest.h>

namespace weir::judge {
namespace {

using Found = std::vector<std::size_t>;

SlowOutlier on() {
  SlowOutlier options;
  options.enabled = true;
  return options;
}

TEST(Slowness, FindsWhoIsManyTimesTheMedian) {
  const std::vector<Pace> group = {{50, 0.1, 0}, {50, 0.2, 0}, {50, 0.3, 0}, {50, 1.1, 0}};

  EXPECT_EQ(slow_outliers(on(), group), Found{3});  // median 0.2, five times that is 1

  SlowOutlier patient = on();
  patient.factor = 6;
  EXPECT_TRUE(slow_outliers(patient, group).empty());
}

TEST(Slowness, ComparesTheWholeAnswerToo) {
  const std::vector<Pace> group = {{50, 0.1, 1}, {50, 0.1, 9}, {50, 0.1, 1}, {50, 0.1, 6}};
  EXPECT_EQ(slow_outliers(on(), group), (Found{1, 3}));  // the slowest first
}

TEST(Slowness, NeedsEnoughEndpointsAndAnswers) {
  EXPECT_TRUE(slow_outliers(on(), std::vector<Pace>{{50, 0.1, 0}, {50, 9, 0}}).empty());
  const std::vector<Pace> rare = {{50, 0.1, 0}, {50, 0.1, 0}, {50, 0.1, 0}, {9, 9, 0}};
  EXPECT_TRUE(slow_outliers(on(), rare).empty());
}

TEST(Slowness, LeavesAloneWhatIsFastEnough) {
  const std::vector<Pace> group = {{50, 0.001, 0}, {50, 0.001, 0}, {50, 0.001, 0}, {50, 0.09, 0}};
  EXPECT_TRUE(slow_outliers(on(), group).empty());
}

TEST(Slowness, IsOffUnlessAskedFor) {
  const std::vector<Pace> group = {{50, 0.1, 0}, {50, 0.1, 0}, {50, 0.1, 0}, {50, 9, 0}};
  EXPECT_TRUE(slow_outliers({}, group).empty());
  EXPECT_EQ(slow_outliers(on(), group), Found{3});
}

}  // namespace
}  // namespace weir::judge
