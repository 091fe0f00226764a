#include "simulate/scenario.h"

#include <gtest/gtest.h>

namespace weir::simulate {
namespace {

Desired desired() {
  Desired desired;
  desired.target_groups["ocr"].max_in_flight = 4;
  desired.scaling_groups["ocr"].target_groups = {"ocr"};
  return desired;
}

TEST(Scenario, IsOfTheOnlyScalingGroup) {
  const auto scenario = scenario_of(desired(), "weir.yaml", "");

  ASSERT_TRUE(scenario);
  EXPECT_EQ(scenario->group, "ocr");
  EXPECT_EQ(scenario->slots(), 4u);
  EXPECT_FALSE(scenario->modelled);
  EXPECT_FALSE(scenario->goal);
}

TEST(Scenario, AsksWhichOfSeveral) {
  Desired both = desired();
  both.scaling_groups["llm"].target_groups = {"ocr"};

  EXPECT_EQ(scenario_of(both, "", "").error().message,
            "say which scaling group: --group, one of llm, ocr");
  EXPECT_EQ(scenario_of(both, "", "llm")->group, "llm");
  EXPECT_EQ(scenario_of(both, "", "x").error().message, "there is no scaling group 'x'");
  EXPECT_EQ(scenario_of(Desired{}, "", "").error().message,
            "there is no scaling group to simulate");
}

TEST(Scenario, TakesTheGoalOfTheSimulationElseOfAnSloPolicy) {
  Desired given = desired();
  given.scaling_groups["ocr"].policies.resize(1);
  given.scaling_groups["ocr"].policies[0].slo = Slo{1s, 99, 60s};

  EXPECT_EQ(to_string(*scenario_of(given, "", "")->goal), "p99<1s");
  given.simulation.slo = "wait p95<2s";
  EXPECT_EQ(to_string(*scenario_of(given, "", "")->goal), "wait p95<2s");
}

TEST(Scenario, KnowsHowManyInstancesThereIsRoomFor) {
  Desired given = desired();
  given.ports = "20000-20009";

  EXPECT_EQ(scenario_of(given, "", "")->room, 10u);
  given.devices = {"0", "1", "2", "3", "4"};
  given.scaling_groups["ocr"].launch.gpus = 2;
  EXPECT_EQ(scenario_of(given, "", "")->room, 2u);
}

TEST(Scenario, TakesThePriceOfItsModelElseOfTheGroup) {
  Desired given = desired();
  given.scaling_groups["ocr"].price = 3;

  EXPECT_EQ(scenario_of(given, "", "")->model.price_per_hour, 3);
  given.simulation.groups["ocr"].price_per_hour = 2;
  EXPECT_EQ(scenario_of(given, "", "")->model.price_per_hour, 2);
}

TEST(Ability, IsOfAMeanRequestWithAllSlotsInUse) {
  Scenario scenario = *scenario_of(desired(), "", "");
  scenario.model.slowdown = 0.5;
  RequestTrace trace;
  trace.requests.resize(2);
  trace.requests[0].cost = 1s;
  trace.requests[1].cost = 3s;
  trace.length = 1s;

  const Ability ability = ability_of(scenario, trace);

  EXPECT_EQ(ability.slots, 4);
  EXPECT_EQ(ability.service_seconds, 2 * (1 + 0.5 * 3));
}

TEST(PeakNeed, IsWhatTheBusiestMinuteKeepsBusy) {
  Scenario scenario = *scenario_of(desired(), "", "");
  scenario.model.service_time = 2s;
  RequestTrace trace;
  for (int i = 0; i < 600; ++i) {
    Request request;
    request.at = i < 60 ? 1s * i : 60s + 100ms * (i - 60);
    trace.requests.push_back(request);
  }
  trace.length = trace.requests.back().at;

  EXPECT_EQ(peak_need(scenario, trace), 5u);  // 540 of 2 s in a minute, 4 at once: 4.5
}

}  // namespace
}  // namespace weir::simulate
