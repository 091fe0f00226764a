#include "simulate/trace.h"

#include <gtest/gtest.h>

#include <numeric>

namespace weir::simulate {
namespace {

TEST(Trace, ReadsARateALineAndKeepsTheFirstAsHistory) {
  const auto trace = parse_trace("t", "1\n2.5\n\n4", 1);

  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->rates, (std::vector<double>{1, 2.5, 4}));
  EXPECT_EQ(trace->minutes(), 2u);
}

TEST(Trace, RefusesWhatIsNoRateAndWhatIsAllHistory) {
  EXPECT_EQ(parse_trace("t", "1\nx\n", 0).error().message, "trace 't': no rate: x");
  EXPECT_EQ(parse_trace("t", "-1\n", 0).error().message, "trace 't': no rate: -1");
  EXPECT_EQ(parse_trace("t", "nan\n", 0).error().message, "trace 't': no rate: nan");
  EXPECT_EQ(parse_trace("t", "1\n2\n", 2).error().message, "trace 't': nothing after its history");
}

TEST(Trace, IsScaledByTheMeanOfWhatIsRun) {
  Trace trace{"t", {7, 1, 3}, 1};

  scale_to_mean(trace, 200);

  EXPECT_EQ(trace.rates, (std::vector<double>{700, 100, 300}));
}

TEST(Trace, ArrivalsVaryAroundTheirRateAsIndependentRequestsDo) {
  const Trace trace{"t", std::vector<double>(1000, 200.0), 0};
  Random random(1);

  const auto all = arrivals(trace, random);

  ASSERT_EQ(all.size(), 1000 * kStepsPerMinute);
  const double n = static_cast<double>(all.size());
  const double mean = std::accumulate(all.begin(), all.end(), 0.0) / n;
  double variance = 0;
  for (const double a : all) variance += (a - mean) * (a - mean) / n;
  EXPECT_NEAR(mean, 1000, 3);
  EXPECT_NEAR(variance, 1000, 60);
}

}  // namespace
}  // namespace weir::simulate
