#include "base/clock.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(ManualClock, MovesOnlyWhenTold) {
  ManualClock clock;
  const Time start = clock.now();

  clock.advance(5s);

  EXPECT_EQ(clock.now() - start, Duration(5s));
  EXPECT_EQ(clock.now(), clock.now());
  EXPECT_GT((start - Time()).count(), 0);
}

TEST(SystemClock, NeverGoesBack) {
  Time last = system_clock().now();
  for (int i = 0; i < 1000; ++i) {
    const Time now = system_clock().now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(Seconds, ConvertThereAndBack) {
  EXPECT_DOUBLE_EQ(seconds(Duration(1500ms)), 1.5);
  EXPECT_EQ(from_seconds(0.25), Duration(250ms));
}

}  // namespace
}  // namespace weir
