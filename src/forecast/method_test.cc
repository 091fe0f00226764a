// The contract of Method, over all by name: a new one is tested by its row.
#include "forecast/method.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/random.h"
#include "forecast/test_series.h"

namespace weir::forecast {
namespace {

constexpr std::uint32_t kLeads[] = {1, 2, 6, 143, 144, 145, 1008};

TEST(MethodNames, AreSorted) { EXPECT_TRUE(std::ranges::is_sorted(method_names())); }

class Contract : public testing::TestWithParam<std::string_view> {
 protected:
  Fed fed_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Methods, Contract, testing::ValuesIn(method_names()),
                         [](const auto& row) { return std::string(row.param); });

TEST_P(Contract, SaysNothingWithoutHistory) {
  for (const auto lead : kLeads) EXPECT_EQ(fed_.forecast(lead), std::nullopt);

  fed_.gap(10);
  for (const auto lead : kLeads) EXPECT_EQ(fed_.forecast(lead), std::nullopt);
}

TEST_P(Contract, SaysAConstantAgain) {
  fed_.feed(9 * Fed::kDay, [](double) { return 7; });

  for (const auto lead : kLeads) EXPECT_NEAR(fed_.forecast(lead).value(), 7, 0.01) << lead;
}

TEST_P(Contract, SaysZeroAfterZeros) {
  fed_.feed(9 * Fed::kDay, [](double) { return 0; });

  for (const auto lead : kLeads) EXPECT_EQ(fed_.forecast(lead), 0) << lead;
}

TEST_P(Contract, HasAnOpinionAfterAWeek) {
  fed_.feed(Fed::kWeek, weekly);

  for (const auto lead : kLeads) EXPECT_TRUE(fed_.forecast(lead)) << lead;
}

TEST_P(Contract, IsFiniteAndNeverNegative) {
  Random random(1);
  for (std::uint32_t step = 0; step < 10 * Fed::kDay; ++step) {
    const double burst = random.unit() < 0.02 ? 1e6 : 1;
    if (random.unit() < 0.1) {
      fed_.gap(1);
    } else {
      fed_.feed(1, [&](double t) { return random.unit() < 0.3 ? 0 : daily(t) * burst; });
    }
    for (const auto lead : kLeads) {
      const double said = fed_.forecast(lead).value_or(0);
      ASSERT_TRUE(std::isfinite(said) && said >= 0) << step << " " << lead << ": " << said;
    }
  }
}

TEST_P(Contract, ScalesWithTheLoad) {
  Fed large(GetParam());
  Random random(2);
  for (std::uint32_t step = 0; step < 8 * Fed::kDay; ++step) {
    const double value = daily(step) * (0.8 + 0.4 * random.unit());
    fed_.feed(value);
    large.feed(1000 * value);
  }

  for (const auto lead : kLeads) {
    EXPECT_NEAR(large.forecast(lead).value(), 1000 * fed_.forecast(lead).value(), 1) << lead;
  }
}

TEST_P(Contract, GoesOnAfterAGap) {
  const auto seven = [](double) { return 7; };
  fed_.feed(9 * Fed::kDay, seven).gap(2 * Fed::kDay).feed(3, seven);

  for (const auto lead : kLeads) EXPECT_NEAR(fed_.forecast(lead).value(), 7, 0.01) << lead;
}

TEST_P(Contract, KeepsTheTimeOfDayAndWeekOverAGap) {
  if (GetParam() == "persistence") GTEST_SKIP() << "knows no time of day";
  fed_.feed(15 * Fed::kDay, daily).gap(100).feed(2 * Fed::kDay, daily);

  EXPECT_LT(fed_.worst(daily), 5);
}

TEST_P(Contract, StaysSoundForAYear) {
  fed_.feed(365 * Fed::kDay, weekly);

  for (const auto lead : kLeads) {
    EXPECT_GT(fed_.forecast(lead).value(), 10) << lead;
    EXPECT_LT(fed_.forecast(lead).value(), 200) << lead;
  }
}

}  // namespace
}  // namespace weir::forecast
