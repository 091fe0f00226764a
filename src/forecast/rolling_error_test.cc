#include "forecast/rolling_error.h"

#include <gtest/gtest.h>

namespace weir::forecast {
namespace {

TEST(RollingError, IsTheSumOfErrorsByTheSumOfActuals) {
  RollingError error(10);
  error.add(8, 10);
  error.add(35, 30);

  EXPECT_DOUBLE_EQ(error.wape().value(), 7.0 / 40);
  EXPECT_EQ(error.scored(), 2u);
}

TEST(RollingError, ForgetsWhatIsOlderThanItsWindow) {
  RollingError error(3);
  error.add(1000, 10);
  for (int i = 0; i < 3; ++i) error.add(9, 10);

  EXPECT_DOUBLE_EQ(error.wape().value(), 0.1);
}

TEST(RollingError, LetsGapsAgeTheWindowWithoutCounting) {
  RollingError error(3);
  error.add(9, 10);
  error.skip();
  EXPECT_EQ(error.scored(), 1u);
  EXPECT_DOUBLE_EQ(error.wape().value(), 0.1);

  error.skip();
  error.skip();
  EXPECT_EQ(error.scored(), 0u);
  EXPECT_EQ(error.wape(), std::nullopt);
}

TEST(RollingError, KnowsZeros) {
  RollingError error(3);
  error.add(0, 0);
  EXPECT_EQ(error.wape(), 0);

  error.add(1, 0);
  EXPECT_TRUE(std::isinf(error.wape().value()));
}

}  // namespace
}  // namespace weir::forecast
