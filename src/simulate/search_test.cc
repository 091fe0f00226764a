#include "simulate/search.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/desired_decode.h"

namespace weir::simulate {
namespace {

// Half an hour that rises from one request each two seconds to three a second, and falls again.
RequestTrace hill() {
  RequestTrace trace;
  trace.name = "hill";
  trace.classes = {""};
  Random random(2);
  Duration at{0};
  while (at < 30min) {
    const double rate = 0.5 + 2.5 * std::sin(seconds(at) / 1800 * 3.14159);
    at += from_seconds(-std::log(1 - random.unit()) / rate);
    Request request;
    request.at = at;
    trace.requests.push_back(request);
  }
  trace.length = at;
  return trace;
}

Scenario scenario(std::string_view goal) {
  Scenario scenario;
  scenario.group = "ocr";
  scenario.modelled = true;
  scenario.scaling.target_groups = {"ocr"};
  scenario.scaling.min = 1;
  scenario.scaling.max = 20;
  scenario.target.max_in_flight = 2;
  scenario.model.start_time = 20s;
  scenario.goal = *parse_latency_goal(goal);
  return scenario;
}

TEST(Recommend, FindsWhatKeepsTheGoalCheaperThanAFixedFleet) {
  std::uint64_t told = 0;

  const auto found = recommend(hill(), scenario("p95<2s"), [&told](const Candidate&) { ++told; });

  ASSERT_TRUE(found);
  EXPECT_EQ(found->replays, told);
  ASSERT_TRUE(found->found());
  const Candidate& best = found->candidates.front();
  EXPECT_NE(best.name, "fixed");
  for (const Candidate& candidate : found->candidates) {
    if (!candidate.report.met) continue;
    EXPECT_LE(best.price(), candidate.price());
    if (candidate.name == "fixed") {
      EXPECT_LT(best.price(), 0.95 * candidate.price());
    }
  }
}

TEST(Recommend, TakesTheSmallestFixedFleetThatKeepsTheGoal) {
  const RequestTrace trace = hill();
  const Scenario asked = scenario("p95<2s");
  const auto found = recommend(trace, asked, {});
  ASSERT_TRUE(found);
  const auto fixed = std::ranges::find(found->candidates, "fixed", &Candidate::name);
  ASSERT_NE(fixed, found->candidates.end());
  ASSERT_TRUE(fixed->report.met);

  Scenario smaller = asked;
  smaller.scaling.min = smaller.scaling.max = fixed->min - 1;

  EXPECT_FALSE(replay(trace, smaller)->met);
}

TEST(Recommend, SaysSoWhereNothingKeepsTheGoal) {
  const auto found = recommend(hill(), scenario("p95<100ms"), {});  // a request takes a second

  ASSERT_TRUE(found);
  EXPECT_FALSE(found->found());
}

TEST(Recommend, WritesYamlThatWeirTakes) {
  Candidate candidate;
  candidate.min = 1;
  candidate.max = 7;
  candidate.policies.resize(2);
  candidate.policies[0].slo = Slo{1500ms, 99, 20s};
  candidate.policies[1].target_tracking.emplace();
  candidate.policies[1].target_tracking->metric = "in_flight_per_endpoint";
  candidate.policies[1].target_tracking->target = 1.8;

  const std::string yaml = yaml_of("ocr", candidate);

  const Loaded loaded = load_text(
      "listeners:\n  public:\n    bind: 127.0.0.1:8080\n    default: { forward: ocr }\n"
      "target_groups:\n  ocr: {}\n" +
          yaml + "    target_groups: [ocr]\n    launch: { command: [s, \"${WEIR_PORT}\"] }\n",
      "weir.yaml", Host{});
  ASSERT_TRUE(loaded.good()) << to_string(loaded.mistakes.front()) << "\n" << yaml;
  const ScalingGroup& group = loaded.desired.scaling_groups.at("ocr");
  EXPECT_EQ(group.max, 7u);
  EXPECT_EQ(group.policies, candidate.policies);
}

}  // namespace
}  // namespace weir::simulate
