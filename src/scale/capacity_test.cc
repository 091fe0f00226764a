#include "scale/capacity.h"

#include <gtest/gtest.h>

namespace weir::scale {
namespace {

constexpr Duration kBound = 2s;

class CapacityTest : public testing::Test {
 protected:
  // Half a minute in which each of `endpoints` gets `rate` a second, that take `latency` seconds.
  void serve(double endpoints, double rate, double latency, double waiting = 0) {
    for (int s = 0; s < 31; ++s, now_ += 1s) {
      series_.add(Metric::requests, now_, rate * endpoints);
      series_.add(Metric::in_flight, now_, rate * endpoints * latency);
      series_.add(Metric::waiting, now_, waiting);
      series_.add(Metric::endpoints, now_, endpoints);
      series_.add_latency(now_, latency, static_cast<std::uint32_t>(rate * endpoints));
    }
    now_ -= 1s;
    capacity_.observe(series_, slots_, now_);
    now_ += 1s;
  }

  Series series_;
  Time now_ = Time(1h);
  std::optional<std::uint32_t> slots_;
  Capacity capacity_{kBound, 0.99};
};

TEST_F(CapacityTest, IsUnknownAtFirst) {
  capacity_.observe(series_, 4, now_);

  EXPECT_FALSE(capacity_.rate());
  EXPECT_FALSE(capacity_.late());
}

TEST_F(CapacityTest, IsSlotsOverTheTimeOfARequest) {
  slots_ = 4;
  serve(3, 6, 0.5);

  EXPECT_NEAR(capacity_.rate().value_or(0), 8, 0.01);
  EXPECT_NEAR(capacity_.wait(), 1.5, 0.01);
}

TEST_F(CapacityTest, DoesNotTakeTheTimeInLineForTimeOfService) {
  slots_ = 4;
  serve(3, 6, 0.5);
  serve(3, 8, 1.5, 20);

  EXPECT_NEAR(capacity_.rate().value_or(0), 8, 0.01);
}

TEST_F(CapacityTest, IsCorrectedByALineThatStandsWhereARiseHadTaughtTooMuch) {
  slots_ = 4;
  serve(3, 6, 0.2);  // few had ended
  EXPECT_NEAR(capacity_.rate().value_or(0), 20, 0.01);
  serve(3, 8, 9, 100);

  EXPECT_NEAR(capacity_.rate().value_or(0), 8, 0.01);
}

TEST_F(CapacityTest, IsLearnedFromALineWhereRequestsAreAlwaysLate) {
  slots_ = 4;
  serve(3, 1, 4, 5);

  EXPECT_NEAR(capacity_.rate().value_or(0), 1, 0.01);
}

TEST_F(CapacityTest, WithoutSlotsIsAQuarterMoreThanWhatWasServedInTime) {
  serve(2, 10, 0.5);
  serve(2, 4, 0.5);

  EXPECT_NEAR(capacity_.rate().value_or(0), 12.5, 0.5);
}

TEST_F(CapacityTest, WithoutSlotsIsWhatWasCompletedWhileRequestsWereLate) {
  serve(2, 10, 0.5);
  serve(2, 14, 4);

  EXPECT_TRUE(capacity_.late());
  EXPECT_NEAR(capacity_.rate().value_or(0), 14, 0.5);
}

TEST_F(CapacityTest, WithoutSlotsGrowsWhereMoreIsServedInTimeAfterAll) {
  serve(2, 14, 4);
  serve(2, 20, 0.5);

  EXPECT_FALSE(capacity_.late());
  EXPECT_NEAR(capacity_.rate().value_or(0), 20, 0.7);
}

TEST_F(CapacityTest, KeepsATenthOfTheBoundForALineHoweverSlowRequestsAre) {
  slots_ = 4;
  serve(3, 1, 1.99);

  EXPECT_NEAR(capacity_.wait(), 0.2, 0.01);
}

TEST_F(CapacityTest, IsKnownAtOnceToOneThatIsToldWhatAnotherHasLearned) {
  slots_ = 4;
  serve(3, 6, 0.5);
  Learned learned;
  capacity_.keep(learned);
  Capacity next(kBound, 0.99);
  next.restore(learned);
  next.observe(Series(), 4, now_);

  EXPECT_NEAR(next.rate().value_or(0), 8, 0.01);
  EXPECT_NEAR(next.wait(), 1.5, 0.01);
}

TEST_F(CapacityTest, LeavesWhatMakesNoSense) {
  capacity_.restore({{"capacity", {1, 2}}});
  capacity_.restore({{"capacity", {-1, 2, 3}}});
  capacity_.observe(series_, 4, now_);

  EXPECT_FALSE(capacity_.rate());
}

}  // namespace
}  // namespace weir::scale
