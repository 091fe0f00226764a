#include "judge/success_rate.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weir::judge {
namespace {

// Rates 1, 1, 1, 1 and 0.5: mean 0.9, standard deviation 0.2.
const std::vector<Answered> kOneBad = {{100, 0}, {100, 0}, {200, 0}, {100, 0}, {100, 50}};

TEST(SuccessRate, BoundIsTheMeanLessAFactorTimesTheDeviation) {
  SuccessRateOutlier options;

  EXPECT_NEAR(*success_rate_bound(options, kOneBad), 0.9 - 1.9 * 0.2, 1e-12);
  options.stdev_factor = 1;
  EXPECT_NEAR(*success_rate_bound(options, kOneBad), 0.7, 1e-12);
}

TEST(SuccessRate, FindsWhoIsBelowTheBound) {
  SuccessRateOutlier options;
  EXPECT_EQ(success_rate_outliers(options, kOneBad), std::vector<std::size_t>{4});

  options.stdev_factor = 2.1;  // one of five is never further off than twice the deviation
  EXPECT_TRUE(success_rate_outliers(options, kOneBad).empty());
}

TEST(SuccessRate, NamesTheWorstFirst) {
  SuccessRateOutlier options;
  options.stdev_factor = 0.5;
  const std::vector<Answered> group = {{100, 0},  {100, 40}, {100, 0},
                                       {100, 90}, {100, 0},  {100, 0}};

  EXPECT_EQ(success_rate_outliers(options, group), (std::vector<std::size_t>{3, 1}));
}

TEST(SuccessRate, LooksOnlyAtThoseThatAnsweredOftenEnough) {
  SuccessRateOutlier options;
  std::vector<Answered> group = kOneBad;
  group[4] = {99, 99};
  EXPECT_FALSE(success_rate_bound(options, group));  // four are too few

  group.push_back({100, 10});
  EXPECT_EQ(success_rate_outliers(options, group), std::vector<std::size_t>{5});
}

TEST(SuccessRate, HasNoOutlierAmongEquals) {
  const std::vector<Answered> all_bad(7, Answered{300, 100});
  EXPECT_TRUE(success_rate_outliers({}, all_bad).empty());
}

TEST(SuccessRate, IsSilentWhereSwitchedOff) {
  SuccessRateOutlier options;
  options.enabled = false;
  EXPECT_TRUE(success_rate_outliers(options, kOneBad).empty());
}

}  // namespace
}  // namespace weir::judge
