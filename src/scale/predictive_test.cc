#include <gtest/gtest.h>

#include <cmath>

#include "scale/combine.h"
#include "scale/demand.h"
#include "scale/test_world.h"

namespace weir::scale {
namespace {

constexpr WallTime kBegin{std::chrono::days(20000)};

// A day that begins quiet, with 40 in flight from 8:00 to 20:00.
double working_day(std::int64_t minute) {
  const std::int64_t of_day = minute % (24 * 60);
  return of_day >= 8 * 60 && of_day < 20 * 60 ? 40 : 4;
}

std::vector<DemandMinute> minutes(std::int64_t count, double (*load)(std::int64_t)) {
  std::vector<DemandMinute> all;
  for (std::int64_t m = 0; m < count; ++m) {
    all.push_back({kBegin + std::chrono::minutes(m), load(m) / 2, load(m)});
  }
  return all;
}

struct PredictiveTest : testing::Test {
  PredictiveTest() {
    options.predictive.emplace().target = 2;
    facts.desired = 2;
    facts.load_outlook = &demand.load();
    facts.outlook = &demand.requests();
  }
  Decision decide() { return (*make_policy(options))->decide(facts, Series(), Time(1h)); }
  weir::Policy options;
  GroupFacts facts;
  Demand demand;
};

TEST_F(PredictiveTest, WaitsForADayOfHistory) {
  demand.restore(minutes(23 * 60, working_day));
  const Decision decision = decide();
  EXPECT_FALSE(decision.desired);
  EXPECT_FALSE(decision.floor);
  EXPECT_EQ(decision.reason, "the forecast needs a day of history, and had 23h");
}

TEST_F(PredictiveTest, HasTheMorningsCapacityReadyBeforeTheMorning) {
  // Six days, and on to 7:59: a minute of start and one of buffer ahead it will be 8:00.
  demand.restore(minutes(6 * 24 * 60 + 8 * 60, working_day));
  const Decision decision = decide();
  ASSERT_TRUE(decision.desired) << decision.reason;
  EXPECT_GE(*decision.desired, 20u) << decision.reason;
  EXPECT_LE(*decision.desired, 30u) << decision.reason;
  EXPECT_EQ(decision.floor, decision.desired);
  EXPECT_FALSE(decision.blocks_scale_in);
  EXPECT_NE(decision.reason.find("in flight were forecast for 2m ahead"), std::string::npos)
      << decision.reason;
}

TEST_F(PredictiveTest, LooksAsFarAheadAsAnInstanceTakesToStart) {
  demand.restore(minutes(6 * 24 * 60 + 7 * 60 + 50, working_day));
  EXPECT_LT(decide().floor.value_or(0), 10u) << decide().reason;
  InstanceFacts slow;
  slow.state = Lifecycle::in_service;
  slow.launched = Time(0s);
  slow.in_service_since = Time(14min);
  facts.instances = {slow};
  EXPECT_GE(decide().floor.value_or(0), 20u) << decide().reason;
}

TEST_F(PredictiveTest, NeverScalesInButKeepsOthersFromIt) {
  demand.restore(minutes(6 * 24 * 60 + 8 * 60, working_day));
  facts.desired = 60;
  const Decision ahead = decide();
  EXPECT_FALSE(ahead.desired);
  ASSERT_TRUE(ahead.floor);
  const Decision in{5, "it was quiet", true};
  const std::vector<Decision> both = {in, ahead};
  EXPECT_EQ(combine(both, 60).desired, *ahead.floor);
  EXPECT_EQ(combine(both, 60).reason, ahead.reason);
  EXPECT_EQ(combine(both, 10).desired, 10u);  // what is not there cannot be kept
}

TEST_F(PredictiveTest, OnlySaysWhatItWouldDo) {
  options.predictive->mode = "forecast_only";
  demand.restore(minutes(6 * 24 * 60 + 8 * 60, working_day));
  EXPECT_FALSE(decide().desired);
  EXPECT_FALSE(decide().floor);
  EXPECT_NE(decide().reason.find("(forecast only)"), std::string::npos) << decide().reason;
}

TEST_F(PredictiveTest, DoesNotCountWhereTheForecastIsNoBetterThanTheLastMinute) {
  demand.restore(minutes(3 * 24 * 60, [](std::int64_t) { return 12.0; }));
  const Decision decision = decide();
  EXPECT_FALSE(decision.floor) << decision.reason;
  EXPECT_NE(decision.reason.find("no better than the last minute"), std::string::npos)
      << decision.reason;
}

TEST_F(PredictiveTest, ForecastsRequestsToo) {
  options.predictive->metric = "requests_per_second_per_endpoint";
  demand.restore(minutes(6 * 24 * 60 + 8 * 60, working_day));
  EXPECT_GE(decide().floor.value_or(0), 10u) << decide().reason;
  EXPECT_LE(decide().floor.value_or(0), 15u) << decide().reason;
  EXPECT_NE(decide().reason.find("requests per second"), std::string::npos) << decide().reason;
}

// What is said of it is what it says.
struct Said final : Outlook {
  double capacity = 0;  // at a target of 1
  std::optional<double> expected(Duration) const override { return capacity; }
  double skill(Duration) const override { return 1; }
  Duration known() const override { return 48h; }
};

struct MaximumTest : testing::Test {
  MaximumTest() {
    weir::Policy policy;
    Predictive& predictive = policy.predictive.emplace();
    predictive.target = 1;
    predictive.max_capacity_behaviour = "increase";
    group.policies = {policy};
    group.min = 1;
    group.max = 40;
    facts.load_outlook = &outlook;
    memory.desired = 30;
  }
  Step step_with(double forecast) {
    outlook.capacity = forecast;
    policies.clear();
    policies.push_back(std::move(*make_policy(group.policies[0])));
    return step(group, policies, facts, Series(), memory, {Time(1h), kBegin});
  }
  Predictive& predictive() { return *group.policies[0].predictive; }
  ScalingGroup group;
  GroupFacts facts;
  Said outlook;
  Memory memory;
  std::vector<std::unique_ptr<Policy>> policies;
};

// "if the buffer is 10, this means a 10 percent buffer, such that if the forecast capacity is 50,
// and the maximum capacity is 40, then the effective maximum capacity is 55" (EC2 Auto Scaling,
// API reference, PredictiveScalingConfiguration).
TEST_F(MaximumTest, IsTheForecastAndItsBufferWhereThatIsMore) {
  predictive().max_capacity_buffer = 10;
  EXPECT_EQ(step_with(50).max, 55u);
  EXPECT_EQ(*memory.desired, 50u);
}

TEST_F(MaximumTest, IsRaisedByAForecastThatComesClose) {
  predictive().max_capacity_buffer = 10;
  EXPECT_EQ(step_with(36).max, 40u);
  EXPECT_EQ(step_with(39).max, 43u);
}

TEST_F(MaximumTest, IsTheForecastWithoutABuffer) {
  EXPECT_EQ(step_with(50).max, 50u);
  EXPECT_EQ(*memory.desired, 50u);
}

TEST_F(MaximumTest, IsHonoredWhereItMayNotBeRaised) {
  predictive().max_capacity_behaviour = "honor";
  EXPECT_EQ(step_with(50).max, 40u);
  EXPECT_EQ(*memory.desired, 40u);
}

TEST_F(MaximumTest, ComesBackAsTheCapacityDoes) {
  step_with(50);
  EXPECT_EQ(step_with(20).max, 50u);
  EXPECT_EQ(*memory.desired, 50u);  // predictive never scales in
  memory.desired = 44;
  EXPECT_EQ(step_with(20).max, 44u);
  memory.desired = 38;
  EXPECT_EQ(step_with(20).max, 40u);
}

TEST_F(MaximumTest, ThatAUserChangesHoldsAtOnce) {
  step_with(50);
  group.max = 35;
  EXPECT_EQ(step_with(20).max, 35u);
  EXPECT_EQ(*memory.desired, 35u);
}

TEST_F(MaximumTest, IsNotRaisedByAForecastThatOnlySpeaks) {
  predictive().mode = "forecast_only";
  EXPECT_EQ(step_with(50).max, 40u);
}

TEST_F(MaximumTest, OfAGroupThatGoesAwayStaysZero) {
  group.min = group.max = 0;
  EXPECT_EQ(step_with(50).max, 0u);
}

TEST(Demand, TellsOfEachMinuteOnceItHasEnded) {
  Demand demand;
  Series series;
  const Time zero(1000h);
  const auto at = [&](int s) { return zero + std::chrono::seconds(s); };
  const auto wall = [&](int s) { return kBegin + std::chrono::seconds(s); };
  std::vector<DemandMinute> seen;
  for (int s = 0; s < 185; ++s) {
    series.add(Metric::requests, at(s), s < 60 ? 2 : 6);
    series.add(Metric::in_flight, at(s), 3);
    series.add(Metric::waiting, at(s), s < 120 ? 0 : 4);
    if (const auto minute = demand.look(series, at(s), wall(s))) seen.push_back(*minute);
  }
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].at, wall(0));
  EXPECT_DOUBLE_EQ(seen[0].requests, 2);
  EXPECT_DOUBLE_EQ(seen[1].requests, 6);
  EXPECT_DOUBLE_EQ(seen[1].load, 3);
  EXPECT_DOUBLE_EQ(seen[2].load, 7);
  EXPECT_EQ(demand.requests().known(), 3min);
}

TEST(Demand, CountsAMinuteWithoutDataAsAGap) {
  Demand demand;
  demand.restore({{kBegin, 1, 1}, {kBegin + 5min, 1, 1}, {kBegin + 4min, 1, 1}});
  EXPECT_EQ(demand.load().known(), 6min);
  Series series;
  for (int s = 0; s < 20; ++s) series.add(Metric::requests, Time(1h) + std::chrono::seconds(s), 1);
  EXPECT_FALSE(demand.look(series, Time(1h) + 60s, kBegin + 60min));
}

}  // namespace
}  // namespace weir::scale
