#include "forecast/delay.h"

#include <gtest/gtest.h>

namespace weir::forecast {
namespace {

TEST(Delay, GivesBackWhatWasPutInSoManyStepsBefore) {
  Delay<int> delay(3);
  for (int step = 1; step <= 10; ++step) {
    EXPECT_EQ(delay.due(), step > 3 ? step - 3 : 0);
    delay.put(step);
  }
}

}  // namespace
}  // namespace weir::forecast
