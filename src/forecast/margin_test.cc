#include "forecast/margin.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/random.h"

namespace weir::forecast {
namespace {

// A normal variable, by the sum of twelve.
double normal(Random& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += random.unit();
  return sum;
}

class MarginTest : public testing::Test {
 protected:
  // The forecast is 100 throughout; what comes is 100 x exp(noise). The shares of the steps on
  // which the load was below the bands.
  std::vector<double> covered(Margin& margin, int steps, const std::function<double(int)>& noise) {
    std::vector<double> below(2);
    for (int i = 0; i < steps; ++i) {
      const double actual = 100 * std::exp(noise(i));
      ahead_.push_back({margin.upper(0).value_or(0), margin.upper(1).value_or(0)});
      if (ahead_.size() > kLead) {
        for (std::size_t k = 0; k < 2; ++k) below[k] += actual <= ahead_.front()[k] ? 1 : 0;
        ahead_.erase(ahead_.begin());
      }
      margin.step(actual, 100);
    }
    for (double& b : below) b /= steps;
    return below;
  }

  static constexpr std::uint32_t kLead = 6;
  std::vector<std::vector<double>> ahead_;
  Random random_{7};
};

TEST_F(MarginTest, SaysNothingWithoutAForecast) {
  Margin margin({0.01, 0.05}, 1, 100);
  EXPECT_EQ(margin.upper(0), std::nullopt);
  EXPECT_EQ(margin.covered(0), std::nullopt);

  margin.step(5, std::nullopt);
  EXPECT_EQ(margin.upper(0), std::nullopt);
}

TEST_F(MarginTest, IsWidestWhileNothingIsKnown) {
  Margin margin({0.05}, 2, 100);
  margin.step(100, 100);

  EXPECT_DOUBLE_EQ(margin.upper(0).value(), 300);
}

TEST_F(MarginTest, CoversItsShareOfSteadyNoise) {
  Margin margin({0.01, 0.05}, kLead, 2000);
  const auto noise = [&](int) { return 0.2 * normal(random_); };
  covered(margin, 2000, noise);

  const auto below = covered(margin, 5000, noise);

  EXPECT_NEAR(below[0], 0.99, 0.005);
  EXPECT_NEAR(below[1], 0.95, 0.01);
  EXPECT_NEAR(margin.margin(1), 0.2 * 1.64, 0.05);
}

TEST_F(MarginTest, CoversItsShareWhenTheNoiseGrows) {
  Margin margin({0.01, 0.05}, kLead, 2000);
  covered(margin, 3000, [&](int) { return 0.1 * normal(random_); });

  const auto below = covered(margin, 3000, [&](int) { return 0.25 * normal(random_); });

  EXPECT_NEAR(below[0], 0.99, 0.015);
  EXPECT_NEAR(below[1], 0.95, 0.015);
}

TEST_F(MarginTest, CoversItsShareWhenForecastsTurnOutTooLow) {
  Margin margin({0.01, 0.05}, kLead, 2000);
  covered(margin, 3000, [&](int) { return 0.1 * normal(random_); });

  const auto below = covered(margin, 3000, [&](int) { return 0.2 + 0.1 * normal(random_); });

  EXPECT_NEAR(below[0], 0.99, 0.015);
  EXPECT_NEAR(below[1], 0.95, 0.015);
}

TEST_F(MarginTest, ShrinksAgainWhenTheNoiseDoes) {
  Margin margin({0.01, 0.05}, kLead, 2000);
  covered(margin, 3000, [&](int) { return 0.3 * normal(random_); });
  const double wide = margin.margin(1);

  const auto below = covered(margin, 4000, [&](int) { return 0.05 * normal(random_); });

  EXPECT_LT(margin.margin(1), wide / 3);
  EXPECT_NEAR(below[1], 0.95, 0.015);
}

TEST_F(MarginTest, ForgetsTheErrorsOfABeginnerSoon) {
  Margin margin({0.01, 0.05}, kLead, 2000);
  covered(margin, 200, [&](int) { return 0.3 * normal(random_); });

  covered(margin, 290, [&](int) { return 0.03 * normal(random_); });

  EXPECT_LT(margin.margin(0), 0.12);
}

TEST_F(MarginTest, NeverLowersAForecast) {
  Margin margin({0.05}, 1, 100);
  for (int i = 0; i < 50; ++i) margin.step(50, 100);

  EXPECT_EQ(margin.margin(0), 0);
  EXPECT_EQ(margin.upper(0), 100);
}

TEST_F(MarginTest, NeverMoreThanTriplesAForecast) {
  Margin margin({0.05}, 1, 100);
  for (int i = 0; i < 500; ++i) margin.step(i % 2 ? 1000 : 1, 100);

  EXPECT_DOUBLE_EQ(margin.upper(0).value(), 300);
}

TEST_F(MarginTest, LearnsNothingFromGaps) {
  Margin margin({0.05}, 1, 100);
  for (int i = 0; i < 50; ++i) margin.step(std::nullopt, 100);
  EXPECT_EQ(margin.margin(0), Margin::kMost);

  margin.step(std::nullopt, std::nullopt);
  for (int i = 0; i < 50; ++i) margin.step(100, std::nullopt);
  EXPECT_EQ(margin.margin(0), Margin::kMost);
}

TEST_F(MarginTest, IsSoundForZeros) {
  Margin margin({0.05}, 1, 100);
  for (int i = 0; i < 50; ++i) margin.step(0, 0);

  EXPECT_EQ(margin.upper(0), 0);
  EXPECT_EQ(margin.covered(0), 1);
}

TEST_F(MarginTest, CountsWhatItCovered) {
  Margin margin({0.05}, 1, 1000);
  for (int i = 0; i < 4000; ++i) margin.step(100 * std::exp(0.1 * normal(random_)), 100);

  EXPECT_NEAR(margin.covered(0).value(), 0.95, 0.01);
}

}  // namespace
}  // namespace weir::forecast
