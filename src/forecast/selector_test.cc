#include "forecast/selector.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/random.h"

namespace weir::forecast {
namespace {

constexpr std::array<std::string_view, 2> kNames{"a", "b"};

// Two methods whose forecasts the test makes up.
class SelectorTest : public testing::Test {
 protected:
  using Said = std::optional<double>;

  void step(Said actual, Said a, Said b) {
    const std::array<Said, 2> said{a, b};
    selector_.step(actual, said);
  }
  // Steps of a load of 100 on which `a` errs by up to `a_off` either way, and `b` likewise.
  void noisy(int steps, double a_off, double b_off) {
    const auto off = [&](double most) { return most * (2 * random_.unit() - 1); };
    for (int i = 0; i < steps; ++i) step(100, 100 + off(a_off), 100 + off(b_off));
  }

  Selector selector_{kNames, "a", {.lead = 3, .window = 200, .week = 168, .least = 10}};
  Random random_{1};
};

TEST_F(SelectorTest, SaysNothingWhereNobodyDoes) {
  step(5, std::nullopt, std::nullopt);
  EXPECT_EQ(selector_.forecast(), std::nullopt);
  EXPECT_EQ(selector_.skill(), std::nullopt);
}

TEST_F(SelectorTest, FollowsTheReferenceUntilForecastsHaveComeDue) {
  for (int i = 0; i < 3 + 9; ++i) step(100, 50, 100);
  EXPECT_EQ(selector_.chosen().name, "a");
  EXPECT_EQ(selector_.forecast(), 50);

  step(100, 50, 100);
  EXPECT_NE(selector_.chosen().name, "a");
}

// Eight methods are wrong together, and outvote the one that is right half of the time.
TEST(Selector, TakesAMethodThatStandsOutOfACrowd) {
  const std::array<std::string_view, 9> names{"a", "b", "c", "d", "e", "f", "g", "h", "i"};
  Selector selector(names, "a", {.lead = 1, .window = 100, .week = 168, .least = 10});
  for (int i = 0; i < 200; ++i) {
    std::array<std::optional<double>, 9> said;
    for (std::size_t k = 0; k < 8; ++k) said[k] = 85 - 0.01 * static_cast<double>(k);
    said[8] = i % 2 ? 100 : 80;
    selector.step(100, said);
  }

  EXPECT_EQ(selector.chosen().name, "i");
}

TEST_F(SelectorTest, PrefersTheBlendWhereErrorsCancel) {
  noisy(200, 40, 40);

  EXPECT_EQ(selector_.chosen().name, "blend");
  const auto& of = selector_.candidates();
  EXPECT_LT(of[2].error.wape(), of[0].error.wape());
  EXPECT_LT(of[2].error.wape(), of[1].error.wape());
}

TEST_F(SelectorTest, IsNoWorseThanTheBestMethodInTheLongRun) {
  for (const double other : {5, 10, 20, 40, 80}) {
    noisy(400, 20, other);
    const double best =
        std::min(*selector_.candidates()[0].error.wape(), *selector_.candidates()[1].error.wape());
    EXPECT_LT(selector_.error().wape().value(), 1.05 * best) << other;
  }
}

TEST_F(SelectorTest, ChangesItsMindWithinTheWindow) {
  noisy(300, 1, 60);
  EXPECT_NEAR(selector_.forecast().value(), 100, 1.5);

  noisy(203, 60, 1);
  EXPECT_NEAR(selector_.forecast().value(), 100, 1.5);
}

TEST_F(SelectorTest, DoesNotLetANewcomerInBeforeItHasProvenItself) {
  for (int i = 0; i < 100; ++i) step(100, 90, std::nullopt);
  for (int i = 0; i < 3 + 9; ++i) {
    step(100, 90, 100);
    EXPECT_EQ(selector_.forecast(), 90) << i;
  }
}

TEST_F(SelectorTest, DoesWithoutAMethodThatFallsSilent) {
  for (int i = 0; i < 100; ++i) step(100, 0, 100);
  EXPECT_EQ(selector_.forecast(), 100);

  step(100, 20, std::nullopt);
  EXPECT_EQ(selector_.forecast(), 20);
}

TEST_F(SelectorTest, RatesNoForecastOfAGap) {
  for (int i = 0; i < 50; ++i) step(std::nullopt, 90, 100);

  EXPECT_EQ(selector_.error().scored(), 0u);
  EXPECT_EQ(selector_.chosen().name, "a");
}

// Whoever says the value that has just come is perfect in sample, and of no use three steps ahead.
TEST_F(SelectorTest, RatesForecastsAgainstWhatCameLater) {
  for (int i = 0; i < 200; ++i) {
    const double now = i % 6 < 3 ? 100 : 0;
    step(now, now, 100 - now);
  }

  EXPECT_NEAR(selector_.candidates()[0].error.wape().value(), 2, 0.05);
  EXPECT_EQ(selector_.candidates()[1].error.wape(), 0);
  EXPECT_EQ(selector_.forecast(), selector_.candidates()[1].forecast);
}

TEST_F(SelectorTest, HasSkillWhereItBeatsTheReference) {
  noisy(500, 40, 1);
  EXPECT_GT(selector_.skill().value(), 0.9);

  Selector alone{
      std::span(kNames).first(1), "a", {.lead = 1, .window = 100, .week = 168, .least = 1}};
  for (int i = 0; i < 50; ++i) {
    const std::array<Said, 1> said{90};
    alone.step(100, said);
  }
  EXPECT_EQ(alone.skill(), 0);
}

TEST(SelectorOverWeeks, ComparesANewcomerOverTheTimeThatItHasBeenThere) {
  // The old one erred by 1 in easy days, and errs by 20 since; the new one by 10.
  constexpr std::uint32_t kWeek = 168, kDay = 24;
  const std::vector<std::string_view> names = {"new", "old"};
  Selector selector(names, "old", {.lead = 1, .window = 2 * kWeek, .week = kWeek, .least = 10});
  std::vector<std::optional<double>> said = {std::nullopt, 101.0};
  for (std::uint32_t s = 0; s < 4 * kDay; ++s) selector.step(100, said);
  said = {110.0, 120.0};
  for (std::uint32_t s = 0; s < kDay + 2; ++s) selector.step(100, said);

  EXPECT_NEAR(*selector.forecast(), 110, 0.5);  // above 115 where easy days count for the old
}

TEST(SelectorOverWeeks, TrustsWhoWasRightAtThatTimeOfTheWeek) {
  // Steps of an hour: "daily" is wrong on the first day of each week and right on the others,
  // "weekly" the other way round, and a little worse in all.
  constexpr std::uint32_t kWeek = 168, kDay = 24;
  const std::vector<std::string_view> names = {"daily", "weekly"};
  Selector selector(names, "daily", {.lead = 24, .window = 2 * kWeek, .week = kWeek, .least = 10});
  const auto daily = [](std::uint32_t s) { return s % kWeek < kDay ? 200.0 : 101.0; };
  const auto weekly = [](std::uint32_t s) { return s % kWeek < kDay ? 101.0 : 120.0; };
  double error = 0;
  for (std::uint32_t s = 0; s < 4 * kWeek; ++s) {
    const std::vector<std::optional<double>> said = {daily(s + 24), weekly(s + 24)};
    selector.step(100, said);
    if (s + 24 >= 3 * kWeek && s + 24 < 4 * kWeek) error += *selector.forecast() - 100;
  }
  EXPECT_LT(error / kWeek, 4);  // 16 where all times count alike
}

}  // namespace
}  // namespace weir::forecast
