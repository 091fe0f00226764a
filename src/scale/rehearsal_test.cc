#include "scale/rehearsal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/random.h"

namespace weir::scale {
namespace {

class Foresight final : public Outlook {
 public:
  explicit Foresight(std::function<double(double)> rate) : rate_(std::move(rate)) {}
  std::optional<double> expected(Duration lead) const override { return rate_(at + seconds(lead)); }
  double at = 0;

 private:
  std::function<double(double)> rate_;
};

class RehearsalTest : public testing::Test {
 protected:
  using Rate = std::function<double(double)>;  // of seconds

  // Second by second; how many of them are late is not told.
  void watch(const Rate& rate, double length, Foresight* foresight = nullptr) {
    moment_.outlook = foresight;
    for (const double end = at_ + length; at_ < end; at_ += 1) {
      const Time now = Time(1h) + from_seconds(at_);
      series_.add(Metric::requests, now, rate(at_));
      if (foresight) foresight->at = at_;
      rehearsal_.observe(series_, moment_, now);
    }
  }
  Rehearsal::Answer answer() { return rehearsal_.answer().value(); }

  Series series_;
  Rehearsal rehearsal_{0.005};
  Rehearsal::Moment moment_{65s, 1.0, false, nullptr};
  double at_ = 0;
};

constexpr double kHour = 3600;

TEST_F(RehearsalTest, AnswersNothingBeforeHalfAMinute) {
  watch([](double) { return 100; }, 20);
  EXPECT_FALSE(rehearsal_.answer());
  watch([](double) { return 100; }, 20);
  EXPECT_TRUE(rehearsal_.answer());
}

TEST_F(RehearsalTest, BeginsWithAMarginAndNeedsLessAndLessOfItWhereNothingChanges) {
  watch([](double) { return 100; }, 120);
  const double first = answer().margin;
  watch([](double) { return 100; }, 24 * kHour);

  EXPECT_GE(first, 0.12);
  EXPECT_LE(first, 0.20);
  EXPECT_LE(answer().margin, 0.04);
  EXPECT_NEAR(answer().estimate, 100, 0.1);
}

TEST_F(RehearsalTest, BeginsWithAGreaterMarginWhereAStartTakesLong) {
  moment_.lead = 305s;
  watch([](double) { return 100; }, 120);

  EXPECT_GE(answer().margin, 0.3);
}

TEST_F(RehearsalTest, HoldsOnToWhatComesAgainAndAgain) {
  // A minute of twice as much, each ten minutes: no estimate of the last seconds sees it coming.
  const Rate bursts = [](double t) { return std::fmod(t, 600) < 60 ? 200 : 100; };
  watch(bursts, 12 * kHour);

  EXPECT_GE(answer().rate, 190);
  EXPECT_GE(answer().hold, 600);
}

TEST_F(RehearsalTest, FollowsASlopeWhereSlopesGoOn) {
  // Up and down in straight lines of half an hour.
  const Rate waves = [](double t) { return 100 + std::abs(std::fmod(t, 3600) - 1800) / 6; };
  moment_.lead = 305s;
  watch(waves, 12 * kHour);

  EXPECT_GT(answer().slope, 0);
}

TEST_F(RehearsalTest, TakesAForecastThatIsWorthIt) {
  const Rate days = [](double t) { return std::fmod(t, 7200) < 1200 ? 300 : 100; };
  Foresight right(days);
  watch(days, 24 * kHour, &right);

  EXPECT_TRUE(answer().outlook);
}

TEST_F(RehearsalTest, LeavesAForecastThatIsNot) {
  Foresight wrong([](double) { return 300; });
  watch([](double) { return 100; }, 24 * kHour, &wrong);

  EXPECT_FALSE(answer().outlook);
  EXPECT_LE(answer().rate, 105);
}

TEST_F(RehearsalTest, LateRequestsInTruthRaiseTheMargin) {
  Random random(1);
  const Rate noisy = [&random](double) { return 100 + 60 * random.unit(); };
  watch(noisy, 24 * kHour);
  const double before = answer().rate;
  moment_.late = true;
  watch(noisy, kHour);

  EXPECT_GT(answer().rate, before);
}

TEST_F(RehearsalTest, NoEstimateIsFarAboveWhatWasSeen) {
  watch([](double) { return 10; }, 2 * kHour);
  watch([end = at_](double t) { return 10 + (t - end) * 2; }, 60);

  EXPECT_LE(answer().estimate, Rehearsal::kMost * 70 + 1);
}

}  // namespace
}  // namespace weir::scale
