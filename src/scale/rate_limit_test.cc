#include "scale/rate_limit.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir::scale {
namespace {

PaceLimit instances(std::uint32_t n, Duration period) { return {n, {}, period}; }
PaceLimit percent(double share, Duration period) { return {{}, share, period}; }

class RateLimitTest : public testing::Test {
 protected:
  // A wish at `second`; what is allowed becomes the capacity.
  std::uint32_t wish(std::uint32_t n, int second) {
    const Time now = Time(std::chrono::seconds(10'000 + second));
    const auto limited = limit_.limit(n, capacity_, out_, in_, now);
    note_ = limited.note;
    if (limited.desired != capacity_) limit_.changed(capacity_, limited.desired, now);
    capacity_ = limited.desired;
    return capacity_;
  }

  RateLimit limit_;
  Pace out_, in_;
  std::uint32_t capacity_ = 1;
  std::string note_;
};

TEST_F(RateLimitTest, LetsEverythingPassWhereNothingIsSet) {
  EXPECT_EQ(wish(50, 0), 50u);
  EXPECT_EQ(wish(1, 1), 1u);
  EXPECT_EQ(note_, "");
}

// The documentation: "Limit scale down rate": 10 percent a minute, from 80 to 72 and so on; less
// than 40 pods, 4 pods are more than 10 percent, and the widest counts.
TEST_F(RateLimitTest, TakesTheWidestOfFourInstancesAndTenPercent) {
  capacity_ = 80;
  in_.limits = {instances(4, 60s), percent(10, 60s)};
  std::vector<std::uint32_t> seen;

  for (int minute = 0; minute < 12; ++minute) seen.push_back(wish(10, minute * 60));

  EXPECT_EQ(seen, (std::vector<std::uint32_t>{72, 64, 57, 51, 45, 40, 36, 32, 28, 24, 20, 16}));
}

TEST_F(RateLimitTest, CountsWhatAPeriodHasAlreadyHad) {
  capacity_ = 10;
  out_.limits = {instances(4, 60s)};
  EXPECT_EQ(wish(12, 0), 12u);
  EXPECT_EQ(wish(30, 10), 14u);
  EXPECT_EQ(note_, "30 instances are wished, and scaling out allows 14: 4 in 1m");
  EXPECT_EQ(wish(30, 59), 14u);
  EXPECT_EQ(wish(30, 60), 16u) << "the first two are a minute ago";
  EXPECT_EQ(wish(30, 70), 18u);
}

TEST_F(RateLimitTest, DoublesAtMostWithAHundredPercentOrFour) {
  capacity_ = 3;
  out_.limits = {percent(100, 15s), instances(4, 15s)};
  EXPECT_EQ(wish(100, 0), 7u);
  EXPECT_EQ(wish(100, 15), 14u);
  EXPECT_EQ(wish(100, 30), 28u);
}

TEST_F(RateLimitTest, TakesTheNarrowestWhereTheGroupSaysSo) {
  capacity_ = 100;
  in_.limits = {instances(5, 60s), percent(10, 60s)};
  in_.select = "min";
  EXPECT_EQ(wish(0, 0), 95u);
  EXPECT_EQ(wish(0, 60), 90u);
}

TEST_F(RateLimitTest, DoesNothingInADirectionThatIsDisabled) {
  capacity_ = 5;
  in_.select = "disabled";
  EXPECT_EQ(wish(1, 0), 5u);
  EXPECT_EQ(note_, "1 instances are wished, and scaling in allows 5: it is disabled");
  EXPECT_EQ(wish(6, 1), 6u);
}

TEST_F(RateLimitTest, RoundsAPercentageUpOnTheWayOut) {
  capacity_ = 5;
  out_.limits = {percent(10, 60s)};
  EXPECT_EQ(wish(9, 0), 6u);
}

TEST_F(RateLimitTest, DoesNotTakeBackWhatWentFurther) {
  capacity_ = 10;
  out_.limits = {instances(10, 60s)};
  EXPECT_EQ(wish(20, 0), 20u);
  out_.limits = {instances(2, 60s)};
  EXPECT_EQ(wish(30, 1), 20u);
}

TEST_F(RateLimitTest, ScalesInOnlyToTheLargestWishOfTheWindow) {
  capacity_ = 10;
  in_.stabilization = 300s;
  EXPECT_EQ(wish(8, 0), 10u) << "ten is what it had when it was first asked";
  EXPECT_EQ(wish(3, 150), 10u);
  EXPECT_EQ(wish(3, 299), 10u);
  EXPECT_EQ(wish(3, 300), 3u) << "the ten and the eight of second 0 have left the window";
}

TEST_F(RateLimitTest, ScalesOutOnlyToTheSmallestWishOfTheWindow) {
  capacity_ = 2;
  out_.stabilization = 60s;
  EXPECT_EQ(wish(9, 0), 2u);
  EXPECT_EQ(wish(5, 30), 2u);
  EXPECT_EQ(wish(9, 60), 5u);
  EXPECT_EQ(wish(9, 90), 9u);
}

TEST_F(RateLimitTest, AWishToStayIsAWish) {
  capacity_ = 4;
  in_.stabilization = 60s;
  (void)wish(2, 0);
  (void)wish(4, 50);
  EXPECT_EQ(wish(2, 70), 4u);
  EXPECT_EQ(wish(2, 110), 2u);
}

TEST_F(RateLimitTest, AlwaysLetsOneComeWhereThereIsNone) {
  capacity_ = 0;
  out_.stabilization = 300s;
  out_.limits = {percent(10, 60s)};
  EXPECT_EQ(wish(5, 0), 1u);
}

}  // namespace
}  // namespace weir::scale
