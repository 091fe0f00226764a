// The contract of every policy, by name; and step and simple scaling in a group.
#include <gtest/gtest.h>

#include "scale/sample.h"
#include "scale/test_world.h"

namespace weir::scale {
namespace {

Alarm alarm_on(const std::string& metric, double threshold) {
  Alarm alarm;
  alarm.metric = metric;
  alarm.threshold = threshold;
  alarm.comparison = Comparison::greater_or_equal;
  alarm.period = 10s;
  return alarm;
}

// One that works, of each kind.
weir::Policy one_of(std::string_view kind) {
  weir::Policy options;
  if (kind == "target_tracking") {
    options.target_tracking.emplace();
    options.target_tracking->metric = "in_flight_per_endpoint";
    options.target_tracking->target = 1;
  } else if (kind == "step") {
    options.step.emplace().steps = {{0, std::nullopt, 1}};
    options.step->alarm = alarm_on("in_flight", 5);
  } else if (kind == "simple") {
    options.simple.emplace().adjustment = 1;
    options.simple->alarm = alarm_on("in_flight", 5);
  } else if (kind == "slo") {
    options.slo.emplace();
  } else if (kind == "predictive") {
    options.predictive.emplace().target = 1;
  } else if (kind == "scheduled") {
    options.scheduled.emplace().schedule = "0 8 * * *";
    options.scheduled->min = 1;
  }
  return options;
}

void add(TestWorld& w, const weir::Policy& policy) {
  w.options.policies.push_back(policy);
  w.policies.push_back(std::move(*make_policy(policy)));
}

TEST(Policies, HoldWithoutDataAndSayWhatTheyWish) {
  for (const std::string_view kind : policy_kinds()) {
    SCOPED_TRACE(kind);
    const weir::Policy options = one_of(kind);
    EXPECT_EQ(kind_of(options), kind);
    const auto policy = make_policy(options);
    ASSERT_TRUE(policy);
    EXPECT_EQ((*policy)->kind(), kind);
    GroupFacts facts;
    facts.desired = 3;
    const Decision blind = (*policy)->decide(facts, Series(), Time(1h));
    EXPECT_FALSE(blind.desired && *blind.desired != 3);
    EXPECT_FALSE(blind.desired && blind.reason.empty());
  }
}

TEST(Policies, LeaveNoRequestWaitingAtZero) {
  for (const std::string_view kind : policy_kinds()) {
    SCOPED_TRACE(kind);
    TestWorld w;
    add(w, one_of(kind));
    w.run(1s);
    w.extra_waiting = 1;
    w.step_now();
    EXPECT_GE(w.last.desired, 1u) << w.causes();
  }
}

// A group whose CPU is as the test says.
struct Busy {
  Busy(std::uint32_t instances, const weir::Policy& policy) : w(serving(instances)) {
    w.options.max = 40;
    w.options.min = 1;
    add(w, policy);
    w.event();
  }
  // From the begin of a period on.
  void with(double percent) {
    while ((w.now() + TestWorld::kTick).time_since_epoch() % 10s != 0s) w.run(TestWorld::kTick);
    at_once(percent);
  }
  void at_once(double percent) {
    for (InstanceFacts& i : w.facts.instances) i.cpu_percent = percent;
  }
  TestWorld w;
};

// EC2's worked example: 10 instances; +10 % at 60, +30 % at 70; -10 % at 40, -30 % at 30.
TEST(StepScalingPolicy, WalksThroughEc2sWorkedExample) {
  weir::Policy out;
  out.step.emplace();
  out.step->type = AdjustmentType::percent_change_in_capacity;
  out.step->alarm = alarm_on("cpu_percent", 60);
  out.step->steps = {{0, 10, 10}, {10, std::nullopt, 30}};
  Busy busy(10, out);
  TestWorld& w = busy.w;
  weir::Policy in;
  in.step.emplace();
  in.step->type = AdjustmentType::percent_change_in_capacity;
  in.step->alarm = alarm_on("cpu_percent", 40);
  in.step->alarm->comparison = Comparison::less_or_equal;
  in.step->steps = {{-10, 0, -10}, {std::nullopt, -10, -30}};
  busy.with(50);
  w.run(60s);
  add(w, in);
  ASSERT_EQ(w.last.desired, 10u) << w.causes();
  const auto step_to = [&](double value) {
    busy.with(value);
    const auto before = w.last.desired;
    for (int i = 0; i < 40 && w.last.desired == before; ++i) w.run(1s);
    const auto after = w.last.desired;
    busy.at_once(50);
    w.run(60s);
    return after;
  };
  EXPECT_EQ(step_to(60), 11u) << w.causes();
  EXPECT_EQ(step_to(70), 14u) << w.causes();
  EXPECT_EQ(step_to(40), 13u) << w.causes();
  EXPECT_EQ(step_to(30), 10u) << w.causes();
}

TEST(SimpleScalingPolicy, WaitsForTheEndOfAChangeAndThenForItsCooldown) {
  weir::Policy out;
  out.simple.emplace().adjustment = 1;
  out.simple->cooldown = 120s;
  out.simple->alarm = alarm_on("cpu_percent", 5);
  Busy busy(2, out);
  TestWorld& w = busy.w;
  w.start_time = 30s;
  busy.with(8);
  w.run(15s);
  ASSERT_EQ(w.last.desired, 3u) << w.causes();
  w.run(20s);  // it has started, and the cooldown begins
  w.run(110s);
  EXPECT_EQ(w.last.desired, 3u) << w.causes();
  w.run(30s);
  EXPECT_EQ(w.last.desired, 4u) << w.causes();
  EXPECT_NE(w.causes().find("the alarm on cpu_percent was in state alarm"), std::string::npos)
      << w.causes();
}

TEST(StepScalingPolicy, CountsWhatWarmsAndAddsOnlyTheDifference) {
  weir::Policy out;
  out.step.emplace();
  out.step->type = AdjustmentType::percent_change_in_capacity;
  out.step->alarm = alarm_on("cpu_percent", 60);
  out.step->steps = {{0, 10, 10}, {10, std::nullopt, 30}};
  Busy busy(10, out);
  TestWorld& w = busy.w;
  w.options.warm_up = 300s;
  for (auto& i : w.facts.instances) i.in_service_since = w.now() - 1h;
  busy.with(62);
  w.run(30s);
  EXPECT_EQ(w.last.desired, 11u) << w.causes();
  w.run(60s);
  EXPECT_EQ(w.last.desired, 11u) << w.causes();  // the same step again
  busy.with(75);
  w.run(40s);
  EXPECT_EQ(w.last.desired, 13u) << w.causes();  // 30 % of 10, of which one is on its way
}

// ---------------------------------------------------------------- run by alarms of the
// configuration

TEST(NamedPolicy, ActsWhileAnAlarmRunsIt) {
  weir::Policy options;
  options.name = "add";
  options.step.emplace().steps = {{0, 5, 1}, {5, std::nullopt, 3}};
  const auto policy = *make_policy(options);
  GroupFacts facts;
  facts.desired = facts.warm = 2;
  EXPECT_EQ(policy->decide(facts, Series(), Time(1h)).desired, std::nullopt);

  facts.runs = {{"other", 9, 10s, "alarm o was in state ALARM"},
                {"add", 7, 10s, "alarm high was in state ALARM"}};
  const Decision decision = policy->decide(facts, Series(), Time(1h));

  EXPECT_EQ(decision.desired, 5u);
  EXPECT_EQ(decision.reason, "alarm high was in state ALARM");
  facts.last_change = Time(1h) - 9s;
  EXPECT_EQ(policy->decide(facts, Series(), Time(1h)).desired, 2u);  // once a period
}

TEST(NamedPolicy, OfSimpleScalingKeepsItsCooldown) {
  weir::Policy options;
  options.name = "add";
  options.simple.emplace().adjustment = 2;
  options.simple->cooldown = 60s;
  const auto policy = *make_policy(options);
  GroupFacts facts;
  facts.desired = 2;
  facts.runs = {{"add", 0, 10s, "alarm high was in state ALARM"}};
  EXPECT_EQ(policy->decide(facts, Series(), Time(1h)).desired, 4u);

  facts.last_scaling = Time(1h) - 30s;

  EXPECT_EQ(policy->decide(facts, Series(), Time(1h)).desired, 2u);
}

// ---------------------------------------------------------------- metrics of others

TEST(ForeignMetrics, AreThoseThatNoGroupHasByItself) {
  ScalingGroup group;
  for (const char* kind : {"step", "simple", "target_tracking"})
    group.policies.push_back(one_of(kind));
  EXPECT_TRUE(foreign_metrics(group).empty());
  group.policies[0].step->alarm->metric = "custom.backlog{model=a}";
  group.policies[2].target_tracking->metric = "load";

  EXPECT_EQ(foreign_metrics(group), (std::vector<std::string>{"custom.backlog{model=a}", "load"}));
}

TEST(ForeignMetrics, AreReadFromTheSeriesByTheirName) {
  weir::Policy options;
  options.step.emplace().steps = {{0, std::nullopt, 1}};
  options.step->alarm = alarm_on("custom.backlog{model=a}", 5);
  const auto policy = *make_policy(options);
  Series series;
  GroupFacts facts;
  facts.desired = facts.warm = 2;
  series.add("custom.backlog{model=a}", Time(1h) - 5s, 6);
  EXPECT_EQ(policy->decide(facts, series, Time(1h)).desired, 3u);

  series.keep({});

  EXPECT_EQ(policy->decide(facts, series, Time(1h)).desired, std::nullopt);
}

TEST(ForeignMetrics, AreTrackedAsAMeanPerInstance) {
  weir::Policy options;
  options.target_tracking.emplace().metric = "custom.backlog{model=a}";
  options.target_tracking->target = 5;
  const auto policy = *make_policy(options);
  Series series;
  GroupFacts facts;
  facts.desired = facts.warm = 2;
  for (int s = 600; s > 0; --s) {
    const Time at = Time(1h) - std::chrono::seconds(s);
    series.add(Metric::instances, at, 2);
    if (s % 30 == 0) series.add("custom.backlog{model=a}", at, 12);
  }

  const Decision out = policy->decide(facts, series, Time(1h));

  EXPECT_EQ(out.desired, 5u);  // 2 * 12 / 5
  EXPECT_EQ(out.reason, "custom.backlog{model=a} was 12 against a target of 5");
  EXPECT_EQ(policy->decide(facts, series, Time(1h) + 2min).desired, std::nullopt);
}

TEST(ForeignMetrics, ScaleInByAFigureOnceAMinute) {
  weir::Policy options;
  options.target_tracking.emplace().metric = "load";
  options.target_tracking->target = 5;
  const auto policy = *make_policy(options);
  Series series;
  GroupFacts facts;
  facts.desired = facts.warm = 8;
  for (int s = 1200; s > 0; --s) {
    const Time at = Time(1h) - std::chrono::seconds(s);
    series.add(Metric::instances, at, 8);
    if (s % 60 == 0) series.add("load", at, 1);
  }

  EXPECT_EQ(policy->decide(facts, series, Time(1h)).desired,
            5u);  // 2 are needed: half of what is too many
}

}  // namespace
}  // namespace weir::scale
