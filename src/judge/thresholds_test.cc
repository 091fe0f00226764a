#include "judge/thresholds.h"

#include <gtest/gtest.h>

namespace weir::judge {
namespace {

class Thresholds : public testing::Test {
 protected:
  Turn check(bool passed) {
    clock.advance(1s);
    return on_check(load, streak, options, passed, clock.now(), launched);
  }

  ManualClock clock;
  Load load;
  Streak streak;
  HealthCheck options;  // 2 and 2
  bool launched = true;
};

TEST_F(Thresholds, AdmitAStartingEndpointAtItsFirstSuccess) {
  options.healthy = 5;
  EXPECT_EQ(check(true), Turn::healthy);
  EXPECT_EQ(load.health, Health::healthy);
  EXPECT_EQ(load.in_service_since, ns(clock.now()));
}

TEST_F(Thresholds, LeaveAStartingEndpointStartingHoweverOftenItFails) {
  for (int n = 0; n < 100; ++n) EXPECT_EQ(check(false), Turn::none);
  EXPECT_EQ(load.health, Health::starting);
  EXPECT_EQ(check(true), Turn::healthy);
}

TEST_F(Thresholds, TurnAStaticEndpointUnhealthyThatHasNeverPassed) {
  launched = false;
  EXPECT_EQ(check(false), Turn::none);
  EXPECT_EQ(check(false), Turn::unhealthy);
  EXPECT_EQ(load.health, Health::unhealthy);
}

TEST_F(Thresholds, TakeFailuresInARowToTurnUnhealthy) {
  check(true);
  EXPECT_EQ(check(false), Turn::none);
  EXPECT_EQ(check(true), Turn::none);
  EXPECT_EQ(check(false), Turn::none);
  EXPECT_EQ(load.health, Health::healthy);
  EXPECT_EQ(check(false), Turn::unhealthy);
  EXPECT_EQ(load.health, Health::unhealthy);
  EXPECT_EQ(check(false), Turn::none);
}

TEST_F(Thresholds, TakeSuccessesInARowToComeBack) {
  load.health = Health::unhealthy;
  options.healthy = 3;
  EXPECT_EQ(check(true), Turn::none);
  EXPECT_EQ(check(true), Turn::none);
  EXPECT_EQ(check(false), Turn::none);
  EXPECT_EQ(check(true), Turn::none);
  EXPECT_EQ(check(true), Turn::none);
  EXPECT_EQ(load.health, Health::unhealthy);
  EXPECT_EQ(check(true), Turn::healthy);
  EXPECT_EQ(load.in_service_since, ns(clock.now()));
}

TEST_F(Thresholds, KeepTheTimeOfServiceWhileNothingTurns) {
  check(true);
  const auto since = load.in_service_since.load();
  check(true);
  check(false);
  check(true);
  EXPECT_EQ(load.in_service_since, since);
}

TEST_F(Thresholds, OfZeroCountAsOne) {
  options.healthy = options.unhealthy = 0;
  check(true);
  EXPECT_EQ(check(false), Turn::unhealthy);
  EXPECT_EQ(check(true), Turn::healthy);
}

}  // namespace
}  // namespace weir::judge
