#include "forecast/forecaster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "forecast/test_series.h"

namespace weir::forecast {
namespace {

constexpr std::uint32_t kDay = Fed::kDay;

ForecasterOptions options() { return {.step = 10min, .leads = {1, 6, kDay}}; }

// What a forecaster did over a series, judged from outside: every forecast is written down before
// what it forecasts is shown.
struct Judged {
  double wape = 0;
  std::vector<double> covered = {0, 0};  // by the bands of 1 and 5 %
};

Judged judge(const std::vector<double>& load, std::size_t lead, std::size_t first) {
  Forecaster forecaster(options());
  const std::uint32_t ahead = options().leads[lead];
  Judged judged;
  double errors = 0, actuals = 0, count = 0;
  for (std::size_t now = 0; now + ahead < load.size(); ++now) {
    forecaster.update(load[now]);
    if (now < first) continue;
    const double actual = load[now + ahead];
    errors += std::abs(*forecaster.forecast(lead) - actual);
    actuals += actual;
    ++count;
    for (std::size_t k = 0; k < 2; ++k) {
      judged.covered[k] += actual <= *forecaster.upper(lead, k) ? 1 : 0;
    }
  }
  judged.wape = errors / actuals;
  for (double& c : judged.covered) c /= count;
  return judged;
}

// A wave of a day and quiet weekends, times noise that lasts for about an hour.
std::vector<double> noisy_weeks(std::uint32_t days, std::uint64_t seed) {
  Random random(seed);
  double away = 0;
  std::vector<double> load;
  for (std::uint32_t step = 0; step < days * kDay; ++step) {
    away = 0.85 * away + 0.12 * (random.unit() - 0.5);
    load.push_back(weekly(step) * std::exp(away));
  }
  return load;
}

TEST(Forecaster, SaysNothingBeforeTheFirstValue) {
  Forecaster forecaster(options());
  forecaster.update(std::nullopt);

  EXPECT_EQ(forecaster.forecast(0), std::nullopt);
  EXPECT_EQ(forecaster.upper(0, 0), std::nullopt);
  EXPECT_EQ(forecaster.history().size(), 0u);
}

TEST(Forecaster, SaysWhatItKnowsFromTheFirstValueOn) {
  Forecaster forecaster(options());
  forecaster.update(40);

  for (std::size_t lead = 0; lead < 3; ++lead) {
    EXPECT_EQ(forecaster.forecast(lead), 40);
    EXPECT_DOUBLE_EQ(forecaster.upper(lead, 0).value(), 120);
  }
}

TEST(Forecaster, KnowsADailyLoadAfterAFewDays) {
  Forecaster forecaster(options());
  for (double step = 0; step < 5 * kDay; ++step) forecaster.update(daily(step));

  EXPECT_NEAR(forecaster.forecast(0).value(), daily(5 * kDay), 1);
  EXPECT_NEAR(forecaster.forecast(1).value(), daily(5 * kDay + 5), 1);
  EXPECT_NEAR(forecaster.forecast(2).value(), daily(6 * kDay - 1), 1);
}

TEST(Forecaster, IsWithinFivePercentOfTheBestMethod) {
  const auto load = noisy_weeks(35, 11);
  for (std::size_t lead = 0; lead < 3; ++lead) {
    Forecaster forecaster(options());
    const std::uint32_t ahead = options().leads[lead];
    const std::size_t methods = method_names().size();
    std::vector<double> errors(methods + 1);
    for (std::size_t now = 0; now + ahead < load.size(); ++now) {
      forecaster.update(load[now]);
      if (now < 21 * kDay) continue;
      const auto& candidates = forecaster.selector(lead).candidates();
      for (std::size_t i = 0; i < methods; ++i) {
        errors[i] += std::abs(*candidates[i].forecast - load[now + ahead]);
      }
      errors[methods] += std::abs(*forecaster.forecast(lead) - load[now + ahead]);
    }
    EXPECT_LT(errors[methods], 1.05 * *std::min_element(errors.begin(), errors.end() - 1)) << ahead;
  }
}

TEST(Forecaster, StaysBelowItsBandsForTheirShareOfTheTime) {
  const auto load = noisy_weeks(42, 12);
  for (std::size_t lead = 0; lead < 3; ++lead) {
    const Judged judged = judge(load, lead, 21 * kDay);
    EXPECT_NEAR(judged.covered[0], 0.99, 0.015) << lead;
    EXPECT_NEAR(judged.covered[1], 0.95, 0.015) << lead;
  }
}

TEST(Forecaster, RatesItselfAsAnObserverWould) {
  const auto load = noisy_weeks(20, 13);
  Forecaster forecaster(options());
  for (const double value : load) forecaster.update(value);

  const Judged judged = judge(load, 1, 17 * kDay - 6);
  EXPECT_NEAR(forecaster.selector(1).error().wape().value(), judged.wape, 1e-4);
  EXPECT_GT(forecaster.selector(1).skill().value(), 0.3);
}

TEST(Forecaster, GoesOnThroughGaps) {
  Random random(14);
  Forecaster forecaster(options());
  for (double step = 0; step < 10 * kDay; ++step) {
    const bool outage = step > 8 * kDay && step < 8.5 * kDay;
    const bool gap = outage || random.unit() < 0.05;
    forecaster.update(gap ? std::nullopt : std::optional(daily(step)));
  }

  EXPECT_NEAR(forecaster.forecast(1).value(), daily(10 * kDay + 5), 5);
  EXPECT_EQ(forecaster.history().size(), 10u * kDay);
}

TEST(Forecaster, IsSoundWhereNothingEverComes) {
  Forecaster forecaster(options());
  for (std::uint32_t step = 0; step < 9 * kDay; ++step) forecaster.update(0);

  for (std::size_t lead = 0; lead < 3; ++lead) {
    EXPECT_EQ(forecaster.forecast(lead), 0);
    EXPECT_EQ(forecaster.upper(lead, 0), 0);
  }
}

TEST(Forecaster, SaysTheSameOfTheSameValues) {
  const auto load = noisy_weeks(9, 15);
  Forecaster one(options()), other(options());
  for (const double value : load) {
    one.update(value);
    other.update(value);
    for (std::size_t lead = 0; lead < 3; ++lead) {
      ASSERT_EQ(one.upper(lead, 0), other.upper(lead, 0));
    }
  }
}

}  // namespace
}  // namespace weir::forecast
