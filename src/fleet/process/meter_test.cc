#include "fleet/process/meter.h"

#include <gtest/gtest.h>

namespace weir::fleet {
namespace {

constexpr Time kStart{1h};

TEST(Meter, TellsPercentOfWhatTheInstanceMayUse) {
  Meter meter(2, 1000, 5s, kStart);

  const Usage usage = meter.read({6s, 250}, kStart + 1s);

  EXPECT_DOUBLE_EQ(usage.cpu_percent, 50);  // one second of two cores
  EXPECT_DOUBLE_EQ(usage.memory_percent, 25);
  EXPECT_EQ(usage.memory_bytes, 250u);
}

TEST(Meter, WithoutLimitsItIsOneCoreAndTheMachinesMemory) {
  Meter meter(0, 0, 0s, kStart);

  const Usage usage = meter.read({3s, 1u << 20}, kStart + 2s);

  EXPECT_DOUBLE_EQ(usage.cpu_percent, 150);
  EXPECT_GT(usage.memory_percent, 0);
  EXPECT_LT(usage.memory_percent, 1);
}

TEST(Meter, LooksCloseTogetherGiveTheLastValue) {
  Meter meter(1, 0, 0s, kStart);
  meter.read({1s, 0}, kStart + 1s);

  EXPECT_DOUBLE_EQ(meter.read({1s, 0}, kStart + 1s + 50ms).cpu_percent, 100);
  EXPECT_DOUBLE_EQ(meter.read({1s, 0}, kStart + 2s).cpu_percent, 0);
}

TEST(Meter, IsNeverNegative) {
  Meter meter(1, 0, 9s, kStart);

  EXPECT_DOUBLE_EQ(meter.read({1s, 0}, kStart + 1s).cpu_percent, 0) << "a member has ended";
}

}  // namespace
}  // namespace weir::fleet
