#include <gtest/gtest.h>

#include "forecast/test_series.h"

namespace weir::forecast {
namespace {

TEST(Persistence, SaysTheLastValueForEveryLead) {
  Fed fed("persistence");
  fed.feed(5);
  fed.feed(9);

  EXPECT_EQ(fed.forecast(1), 9);
  EXPECT_EQ(fed.forecast(1000), 9);
}

TEST(Persistence, LagsALinearLoadByItsLead) {
  Fed fed("persistence");
  fed.feed(100, [](double t) { return 3 * t; });

  EXPECT_EQ(fed.forecast(10), 3.0 * 99);
}

}  // namespace
}  // namespace weir::forecast
