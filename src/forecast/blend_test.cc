#include "forecast/blend.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace weir::forecast {
namespace {

using Several = std::vector<Rated>;

TEST(Blend, IsTheOnlyForecastThereIs) { EXPECT_EQ(blend(Several{{7, 0.3}}), 7); }

TEST(Blend, IsTheMeanOfEquals) { EXPECT_EQ(blend(Several{{6, 0.3}, {9, 0.3}, {12, 0.3}}), 9); }

TEST(Blend, CountsLittleOfWhoErrsTwiceAsMuch) {
  EXPECT_DOUBLE_EQ(blend(Several{{10, 0.1}, {43, 0.2}}), 11);
}

TEST(Blend, CountsTheSameForecastOnce) {
  EXPECT_EQ(blend(Several{{6, 0.3}, {9, 0.3}, {6, 0.3}}), 7.5);
}

TEST(Blend, TrustsWhoNeverErred) { EXPECT_EQ(blend(Several{{6, 0.3}, {9, 0}}), 9); }

TEST(Blend, IsSoundWhereAllErrWithoutBound) {
  const double never = std::numeric_limits<double>::infinity();
  EXPECT_EQ(blend(Several{{6, never}, {9, never}}), 7.5);
  EXPECT_EQ(blend(Several{{6, 0.1}, {9, never}}), 6);
}

TEST(Blend, IsWhatThePerfectOneSaysThoughAWorseOneSaysTheSame) {
  const std::vector<Rated> rated = {{4.2, 0.05}, {4, 0.008}, {4, 0}};
  EXPECT_DOUBLE_EQ(blend(rated), 4);
}

}  // namespace
}  // namespace weir::forecast
