#include "simulate/replay.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weir::simulate {
namespace {

// One request each `gap`, from the begin on.
RequestTrace even(std::size_t count, Duration gap) {
  RequestTrace trace;
  trace.name = "even";
  trace.classes = {""};
  for (std::size_t i = 0; i < count; ++i) {
    Request request;
    request.at = gap * static_cast<std::int64_t>(i);
    request.key = i;
    trace.requests.push_back(request);
  }
  trace.length = trace.requests.back().at;
  return trace;
}

// `count` servers of one slot and a second a request; nobody scales them.
Scenario fixed(std::uint32_t count) {
  Scenario scenario;
  scenario.name = "fixed";
  scenario.group = "ocr";
  scenario.modelled = true;
  scenario.scaling.target_groups = {"ocr"};
  scenario.scaling.min = scenario.scaling.max = count;
  scenario.target.max_in_flight = 1;
  scenario.target.queue.timeout = 1h;
  scenario.model.start_time = 30s;
  scenario.model.service_time = 1s;
  scenario.goal = LatencyGoal{LatencyGoal::Of::total, 95, 2s};
  return scenario;
}

Scenario tracking(double target) {
  Scenario scenario = fixed(1);
  scenario.scaling.max = 20;
  weir::Policy policy;
  policy.target_tracking.emplace();
  policy.target_tracking->metric = "in_flight_per_endpoint";
  policy.target_tracking->target = target;
  scenario.scaling.policies = {policy};
  return scenario;
}

Report played(const RequestTrace& trace, const Scenario& scenario) {
  auto report = replay(trace, scenario);
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  return report ? std::move(*report) : Report{};
}

std::string text_of(const Report& report) {
  std::string text;
  for (const auto& activity : report.activities) text += activity.cause + "\n";
  return text;
}

TEST(Replay, OfIdleServersTakesTheServiceTimeAndNothingElse) {
  const Report report = played(even(60, 1s), fixed(2));

  EXPECT_EQ(report.requests, 60u);
  EXPECT_EQ(report.answered, 60u);
  EXPECT_FLOAT_EQ(static_cast<float>(report.total.most), 1);
  EXPECT_EQ(report.wait.most, 0);
  EXPECT_EQ(report.attainment, 1);
  EXPECT_TRUE(report.met);
  EXPECT_NEAR(report.instance_hours, 2 * 60.0 / 3600, 1e-9);
  EXPECT_EQ(report.peak, 2u);
}

// Lindley 1952: the wait of each is the wait of the one before, and its work less the gap.
TEST(Replay, OfOneBusyServerWaitsAsTheRecursionSays) {
  const Report report = played(even(100, 900ms), fixed(1));

  EXPECT_NEAR(report.wait.most, 99 * 0.1, 1e-5);
  EXPECT_NEAR(report.wait.mean, 99 * 0.1 / 2, 1e-5);
  EXPECT_NEAR(report.wait.p50, 49 * 0.1, 1e-5);
  EXPECT_EQ(report.attainment, 0.11);  // a wait of at most a second: the first eleven
  EXPECT_NEAR(report.instance_hours, 100.0 / 3600, 1e-9);
}

// Erlang C: M/M/c with c = 4 and a load of 3.2; the mean wait is C(4, 3.2) / (c mu - lambda).
TEST(Replay, OfPoissonArrivalsAtExponentialServersWaitsAsErlangSays) {
  RequestTrace trace;
  trace.classes = {""};
  Random random(5);
  Duration at{0};
  for (int i = 0; i < 200'000; ++i) {
    at += from_seconds(-std::log(1 - random.unit()) / 3.2);
    Request request;
    request.at = at;
    request.cost = from_seconds(-std::log(1 - random.unit()));
    trace.requests.push_back(request);
  }
  trace.length = at;
  Scenario scenario = fixed(4);
  scenario.stretches = false;
  scenario.target.queue.length = 1'000'000;

  const Report report = played(trace, scenario);

  // C(4, 3.2) = (3.2^4/4! * 4/0.8) / (sum of 3.2^k/k! for k < 4, and that) = 0.5964
  EXPECT_NEAR(report.wait.mean, 0.5964 / 0.8, 0.05);
}

TEST(Replay, RefusesWhatTheLineDoesNotTake) {
  Scenario scenario = fixed(1);
  scenario.target.queue.length = 2;
  scenario.target.queue.timeout = 1500ms;

  const Report report = played(even(10, 1ms), scenario);

  EXPECT_EQ(report.full, 7u);       // one is served, two wait
  EXPECT_EQ(report.timed_out, 1u);  // of these the second one
  EXPECT_EQ(report.answered, 2u);
}

TEST(Replay, LetsImportantRequestsGoFirst) {
  RequestTrace trace = even(10, 1ms);
  trace.classes = {"batch", "chat"};
  trace.requests.back().kind = 1;
  Scenario scenario = fixed(1);
  scenario.target.queue.classes = {"chat", "batch"};
  scenario.target.queue.aging = 1h;
  scenario.goal = LatencyGoal{LatencyGoal::Of::wait, 95, 1s};

  const Report report = played(trace, scenario);

  EXPECT_EQ(report.attainment, 0.2);  // the first, and the important one
}

TEST(Replay, StartsInstancesForALineAndPaysThemUntilTheirEnd) {
  Scenario scenario = tracking(1);

  const Report report = played(even(1200, 250ms), scenario);  // four busy servers

  EXPECT_GE(report.peak, 4u);
  EXPECT_GT(report.launched, 3u);
  EXPECT_GT(report.wait.most, 20);  // the start takes 30 s
  EXPECT_GT(report.instance_hours, 4 * 250.0 / 3600);
  EXPECT_NE(text_of(report).find("in_flight_per_endpoint"), std::string::npos) << text_of(report);
  EXPECT_NE(text_of(report).find("passed its health check, 30s after its launch"),
            std::string::npos)
      << text_of(report);
}

TEST(Replay, GoesToZeroAndComesBack) {
  Scenario scenario = tracking(1);
  scenario.scaling.min = 0;
  scenario.scaling.idle_timeout = 60s;
  RequestTrace trace = even(2, 600s);

  const Report report = played(trace, scenario);

  EXPECT_EQ(report.answered, 2u);
  EXPECT_EQ(report.launched, 2u);
  EXPECT_GE(report.wait.most, 30);
  // 30 s of start, a second of work, a minute of rest; then 30 s and a second again.
  EXPECT_NEAR(report.instance_hours * 3600, 91 + 31, 4);
}

TEST(Replay, TakesInstancesOutOfTheWarmPoolInNoTime) {
  Scenario scenario = tracking(1);
  scenario.model.start_time = 120s;
  const RequestTrace trace = even(1200, 250ms);
  const Report without = played(trace, scenario);
  scenario.scaling.warm_pool.emplace();
  scenario.scaling.warm_pool->min = 4;
  scenario.scaling.warm_pool->max_prepared = 1;
  RequestTrace later = trace;  // the pool has filled by then
  for (Request& request : later.requests) request.at += 150s;
  later.length += 150s;

  const Report with = played(later, scenario);

  EXPECT_GT(without.wait.most, 60);
  EXPECT_LT(with.wait.most, 10) << text_of(with);
  EXPECT_NE(text_of(with).find("was in the warm pool and was needed"), std::string::npos);
}

TEST(Replay, PlaysTheUnitsOfAMixAsInstances) {
  Scenario scenario = tracking(1);
  scenario.scaling.mix.emplace();
  scenario.scaling.mix->templates.resize(1);
  scenario.scaling.mix->templates[0].name = "large";
  scenario.scaling.mix->templates[0].weight = 4;

  const Report report = played(even(1200, 250ms), scenario);

  EXPECT_GE(report.peak, 4u);
  EXPECT_EQ(report.answered, 1200u);
  EXPECT_NE(report.notes.back().find("has a mix"), std::string::npos);
}

TEST(Replay, TakesHooksAsDoneAtOnce) {
  Scenario scenario = tracking(1);
  scenario.scaling.lifecycle_hooks.resize(2);
  scenario.scaling.lifecycle_hooks[0].name = "load";
  scenario.scaling.lifecycle_hooks[1].name = "save";
  scenario.scaling.lifecycle_hooks[1].transition = Transition::terminating;

  const Report report = played(even(1200, 250ms), scenario);

  EXPECT_EQ(report.answered, 1200u);
  EXPECT_GE(report.peak, 4u);
  EXPECT_NE(text_of(report).find("is past its launching hooks"), std::string::npos)
      << text_of(report);
}

TEST(Replay, EndsWhatAnInstanceHasWhereItsDrainIsBounded) {
  Scenario scenario = fixed(2);
  scenario.model.service_time = 100s;
  scenario.scaling.drain_limit = 5s;
  weir::Policy policy;
  policy.scheduled.emplace();
  policy.scheduled->at = "2024-01-01T00:00:10Z";
  policy.scheduled->min = 1;
  policy.scheduled->max = 1;
  scenario.scaling.policies = {policy};

  const Report report = played(even(2, 1s), scenario);

  EXPECT_EQ(report.cut, 1u);
  EXPECT_EQ(report.answered, 1u);
}

TEST(Replay, StartsNoMoreThanThereIsRoomFor) {
  Scenario scenario = tracking(1);
  scenario.room = 3;

  const Report report = played(even(600, 100ms), scenario);

  EXPECT_LE(report.peak, 3u);
  EXPECT_EQ(report.answered, 600u);
}

TEST(Replay, SpreadsOverStaticEndpointsToo) {
  Scenario scenario = fixed(0);
  scenario.target.endpoints.push_back({"127.0.0.1:9001", 1, ""});

  const Report report = played(even(10, 2s), scenario);

  EXPECT_EQ(report.answered, 10u);
  EXPECT_EQ(report.wait.most, 0);
  EXPECT_EQ(report.instance_hours, 0);
}

TEST(Replay, DoesNotJudgeWhatIsSkipped) {
  Scenario scenario = fixed(1);
  scenario.skip = 30s;

  const Report report = played(even(60, 1s), scenario);

  EXPECT_EQ(report.requests, 30u);
  EXPECT_NEAR(report.instance_hours * 3600, 30, 1e-6);
}

TEST(Replay, CountsPriceAndPrefixHits) {
  RequestTrace trace = even(2, 10s);
  for (Request& request : trace.requests) {
    request.input_tokens = 1024;
    request.prefix = {1, 2};
  }
  Scenario scenario = fixed(1);
  scenario.model.tokens_per_second = 100;
  scenario.model.prefill_tokens_per_second = 1024;
  scenario.model.prefix_cache = 4096;
  scenario.model.price_per_hour = 36;

  const Report report = played(trace, scenario);

  EXPECT_EQ(report.cached, 0.5);
  EXPECT_NEAR(report.total.most, 1, 1e-6);
  EXPECT_NEAR(*report.cost, 0.1, 1e-9);
}

TEST(Replay, RepeatsExactly) {
  Scenario scenario = tracking(1);
  scenario.model.variation = 0.7;
  scenario.seed = 11;
  const RequestTrace trace = even(2000, 200ms);

  const Report first = played(trace, scenario), again = played(trace, scenario);

  EXPECT_EQ(first.total.mean, again.total.mean);
  EXPECT_EQ(first.instance_hours, again.instance_hours);
  EXPECT_EQ(text_of(first), text_of(again));
  scenario.seed = 12;
  EXPECT_NE(played(trace, scenario).total.mean, first.total.mean);
}

// Every reference decides in the place of the policies.
TEST(Replay, IsDrivenByEachReference) {
  Scenario scenario = tracking(1);
  scenario.skip = 15min;
  const RequestTrace trace = even(7200, 500ms);  // an hour of two busy servers
  for (const Reference& reference : references()) {
    SCOPED_TRACE(reference.name);
    scenario.reference = &reference;

    const Report report = played(trace, scenario);

    EXPECT_EQ(report.requests, 5400u);
    EXPECT_GE(report.instance_hours, 2 * 0.75 * 0.99);
    EXPECT_LE(report.instance_hours, 10 * 0.75);
    EXPECT_NE(text_of(report).find(std::string(reference.name) + " wanted"), std::string::npos);
  }
}

// What must hold of any replay.
TEST(Replay, AccountsForEveryRequest) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    RequestTrace trace;
    trace.classes = {""};
    Duration at{0};
    for (int i = 0; i < 500; ++i) {
      at += from_seconds(random.below(20) == 0 ? 60 * random.unit() : random.unit());
      Request request;
      request.at = at;
      request.cost = from_seconds(5 * random.unit());
      trace.requests.push_back(request);
    }
    trace.length = at;
    Scenario scenario = tracking(0.5 + random.unit());
    scenario.scaling.min = static_cast<std::uint32_t>(random.below(3));
    scenario.scaling.drain_limit = 1s;
    scenario.target.queue.length = static_cast<std::uint32_t>(random.below(20));
    scenario.target.queue.timeout = from_seconds(1 + 30 * random.unit());
    scenario.model.slots = static_cast<std::uint32_t>(random.below(4));
    scenario.target.max_in_flight = static_cast<std::uint32_t>(random.below(4));
    scenario.model.slowdown = random.unit();
    scenario.model.start_time = from_seconds(20 * random.unit());

    const Report report = played(trace, scenario);

    EXPECT_EQ(report.requests, 500u);
    EXPECT_EQ(report.answered + report.full + report.timed_out + report.cut, 500u);
    EXPECT_LE(report.peak, 21u);
  }
}

}  // namespace
}  // namespace weir::simulate
