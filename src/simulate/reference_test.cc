#include "simulate/reference.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weir::simulate {
namespace {

// A day of history and a day that is run, of which an hour is three times as busy.
Trace day_with_a_busy_hour() {
  Trace trace{"busy hour", std::vector<double>(2 * 1440, 150.0), 1440};
  for (std::size_t day = 0; day < 2; ++day) {
    for (std::size_t m = 600; m < 660; ++m) trace.rates[day * 1440 + m] = 450;
  }
  return trace;
}

std::unique_ptr<Scaler> make(std::string_view name, const Setting& setting) {
  for (const Reference& reference : references()) {
    if (reference.name == name) return reference.make(setting);
  }
  ADD_FAILURE() << name;
  return nullptr;
}

class References : public testing::Test {
 protected:
  std::unique_ptr<Scaler> scaler(std::string_view name, double target = 0.5) {
    return make(name, {target, 60, trace_, arrivals_});
  }
  // A step without a line.
  static View at(std::size_t step, double rate, std::uint32_t ready, std::uint32_t total = 0) {
    View view;
    view.step = step;
    view.at = static_cast<double>(step * kStepSeconds);
    view.arrivals = view.served = rate * kStepSeconds;
    view.ready = ready;
    view.total = std::max(total, ready);
    return view;
  }
  static View with_line(View view, double queue) {
    view.queue = queue;
    return view;
  }
  // The same view through `steps` steps; the last answer that was one.
  static std::optional<std::uint32_t> hold(Scaler& scaler, View view, std::size_t steps) {
    std::optional<std::uint32_t> last;
    for (std::size_t k = 0; k < steps; ++k) {
      if (const auto wanted = scaler.decide(view)) last = wanted;
      ++view.step;
      view.at += kStepSeconds;
    }
    return last;
  }

  Trace trace_ = day_with_a_busy_hour();
  Random random_{1};
  std::vector<double> arrivals_ = arrivals(trace_, random_);
};

// The contract of every reference, by name.
TEST_F(References, ServeAnEvenLoadAtTheirTargetAndComeThroughABusyHour) {
  for (const Reference& reference : references()) {
    const double target = 0.6;
    const auto scaler = reference.make({target, 60, trace_, arrivals_});

    const Score score = run(trace_, arrivals_, {.first_utilisation = target}, *scaler);

    EXPECT_GE(score.cost_ratio, 1) << reference.name;
    EXPECT_LE(score.cost_ratio, 3) << reference.name;
    EXPECT_LE(score.violations, 0.05) << reference.name;
  }
}

TEST_F(References, TheOracleIsCheaperThanAllAndLate) {
  const auto bound = make("oracle", {0.97, 60, trace_, arrivals_});
  const Score score = run(trace_, arrivals_, {.first_utilisation = 0.9}, *bound);

  EXPECT_LE(score.cost_ratio, 1.15);
  EXPECT_LE(score.violations, 0.003);
}

TEST_F(References, KpaFollowsAMinuteAndAsksAgainForWhatAlreadyStarts) {
  const auto scaler = this->scaler("kpa");

  EXPECT_EQ(hold(*scaler, at(0, 100, 20), 12), 20u);
  EXPECT_EQ(hold(*scaler, at(12, 150, 20, 30), 12), 30u);
}

TEST_F(References, KpaInPanicAnswersAtOnceAndTakesNothingAwayForAMinute) {
  const auto scaler = this->scaler("kpa");
  hold(*scaler, at(0, 100, 20), 12);

  EXPECT_EQ(scaler->decide(with_line(at(12, 200, 20), 300)), 100u);
  EXPECT_EQ(hold(*scaler, at(13, 100, 20), 12), 100u);
  EXPECT_LT(hold(*scaler, at(25, 100, 20), 2), 100u);
}

TEST_F(References, HpaStaysWithinItsToleranceAndGrowsInProportionBeyond) {
  const auto scaler = this->scaler("hpa_utilisation");

  EXPECT_EQ(hold(*scaler, at(0, 109, 20), 12), 20u);
  EXPECT_EQ(hold(*scaler, at(12, 150, 20), 13), 30u);
}

TEST_F(References, HpaOnConcurrencySeesTheLineAndAtMostDoubles) {
  const auto scaler = this->scaler("hpa_concurrency");

  EXPECT_EQ(hold(*scaler, with_line(at(0, 200, 20), 600), 12), 40u);
}

TEST_F(References, HpaTakesAwayOnlyWhatFiveMinutesDidNotNeed) {
  const auto scaler = this->scaler("hpa_utilisation");
  hold(*scaler, at(0, 100, 20), 12);

  EXPECT_EQ(hold(*scaler, at(12, 50, 20), 48), 20u);
  EXPECT_EQ(hold(*scaler, at(60, 50, 20), 30), 10u);
}

TEST_F(References, KedaSeesTheMomentOfItsPoll) {
  const auto scaler = this->scaler("keda");

  EXPECT_EQ(scaler->decide(at(0, 150, 20)), 30u);
  EXPECT_EQ(hold(*scaler, at(1, 100, 20, 30), 5), 30u);
}

TEST_F(References, Ec2NeedsThreeMinutesToGrowAndFifteenToShrink) {
  const auto scaler = this->scaler("ec2_target_tracking");

  EXPECT_EQ(hold(*scaler, at(0, 150, 20), 24), std::nullopt);
  EXPECT_EQ(hold(*scaler, at(24, 150, 20), 12), 30u);
  EXPECT_EQ(hold(*scaler, at(36, 50, 30), 14 * 12), std::nullopt);
  EXPECT_EQ(hold(*scaler, at(36 + 14 * 12, 50, 30), 12), 10u);
}

TEST_F(References, Ec2PredictiveStartsBeforeTheHourOfTheDaysBefore) {
  const auto scaler = this->scaler("ec2_predictive");
  const std::size_t five_past_nine = 545 * kStepsPerMinute, six_to_ten = 594 * kStepsPerMinute;

  EXPECT_LE(scaler->decide(at(five_past_nine, 150, 30)).value_or(0), 30u);
  EXPECT_EQ(scaler->decide(at(six_to_ten, 150, 30)), 90u);
}

TEST_F(References, StaticIsWhatTheBusiestMinuteNeeds) {
  EXPECT_EQ(scaler("static_peak")->decide(at(0, 150, 20)), needed(peak(arrivals_)));
}

}  // namespace
}  // namespace weir::simulate
