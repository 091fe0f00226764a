// The whole loop against simulated servers: out, stable, in, zero. Seeded; a trace is printed on
// failure.
#include <gtest/gtest.h>

#include "scale/test_world.h"

namespace weir::scale {
namespace {

// How often the desired capacity turned from growing to shrinking or back.
int turns(const std::vector<std::uint32_t>& desired) {
  int result = 0, direction = 0;
  for (std::size_t i = 1; i < desired.size(); ++i) {
    const int now = desired[i] > desired[i - 1] ? 1 : desired[i] < desired[i - 1] ? -1 : 0;
    if (now != 0 && direction != 0 && now != direction) ++result;
    if (now != 0) direction = now;
  }
  return result;
}

class LoadCurve : public testing::TestWithParam<std::uint64_t> {};

TEST_P(LoadCurve, RisesAndFallsOnceAndEndsAtZeroWithNothingLost) {
  TestWorld w(GetParam());
  w.options.warm_up = 2s;
  w.options.idle_timeout = 30s;
  w.options.max = 20;
  w.track("in_flight_per_endpoint", 1.5, 8s);
  // 0.3 s a request: 30/s keep 9 in flight, so 6 instances serve at the target.
  w.rate = [](double t) { return t < 10 ? 0 : t < 40 ? 3 : t < 160 ? 30 : t < 220 ? 3 : 0.0; };

  w.run(10s);
  EXPECT_EQ(w.last.desired, 0u);
  w.run(28s);
  EXPECT_GE(w.last.desired, 1u) << w.trace;
  EXPECT_LE(w.last.desired, 5u) << w.trace;  // what waited for the start counts, too
  w.run(22s);
  EXPECT_GE(w.last.desired, 6u) << w.trace;
  w.run(50s);
  EXPECT_GE(w.last.desired, 6u) << w.trace;
  EXPECT_LE(w.last.desired, 11u) << w.trace;
  w.run(45s);
  EXPECT_GE(w.last.desired, 6u) << w.trace;
  EXPECT_LE(w.last.desired, 11u) << w.trace;
  w.run(135s);

  EXPECT_EQ(w.last.desired, 0u) << w.trace << w.causes();
  EXPECT_TRUE(w.facts.instances.empty()) << w.trace;
  EXPECT_EQ(w.cut, 0u);
  EXPECT_EQ(w.answered, w.facts.arrivals);
  EXPECT_LE(turns(w.desired), 7) << w.trace << w.causes();
}

TEST_P(LoadCurve, SteadyLoadIsNotAnsweredWithOscillation) {
  TestWorld w(GetParam());
  w.options.min = 1;
  w.options.max = 20;
  w.track("in_flight_per_endpoint", 1.5);
  w.rate = [](double) { return 20.0; };  // 6 in flight: 4 instances at the target

  w.run(600s);
  const std::size_t settled = w.desired.size();
  w.run(1800s);

  const std::vector<std::uint32_t> steady(w.desired.begin() + static_cast<long>(settled),
                                          w.desired.end());
  double mean = 0;
  for (const auto d : steady) mean += d;
  mean /= static_cast<double>(steady.size());
  EXPECT_GE(mean, 4) << w.trace;
  EXPECT_LE(mean, 6.8) << w.trace;
  EXPECT_LE(turns(steady), 12) << w.causes();  // in half an hour, one instance up or down
  EXPECT_LT(w.waited / static_cast<double>(w.answered), 0.15) << w.trace;
}

TEST_P(LoadCurve, AStepIsAnsweredWithinASecond) {
  TestWorld w(GetParam());
  w.options.min = 2;
  w.options.max = 20;
  w.service_time = 3s;
  w.track("in_flight_per_endpoint", 1.5);
  w.rate = [](double t) { return t < 60 ? 0.5 : 20.0; };
  w.options.max = 2;
  w.run(60s);
  w.options.max = 20;
  const auto before = w.last.desired;

  w.run(1s);

  EXPECT_GT(w.last.desired, before) << w.trace;
}

// One more client than slots: it waits, and the line is answered before its first second is over.
TEST(SmallSteps, OfRequestsThatWaitAreAnsweredWithinASecond) {
  for (const std::uint32_t n : {1u, 2u}) {
    TestWorld w = serving(n);
    w.track("in_flight_per_endpoint", 1.5);
    w.run(60s);
    ASSERT_EQ(w.last.desired, n);
    w.service_time = 20s;
    w.rate = [n, begin = w.elapsed()](double t) { return t - begin < 0.1 ? 40.0 * n : 0.0; };

    w.run(1s);

    EXPECT_GT(w.facts.waiting, 0u) << w.trace;
    EXPECT_GT(w.last.desired, n) << w.trace << w.causes();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LoadCurve, testing::Values(1, 2, 3, 4, 5));

// Random load, deaths, hangs, manual changes and bounds; what must hold holds after each second.
TEST(Simulation, KeepsItsPromisesUnderRandomTrouble) {
  std::uint64_t cut = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    TestWorld w(seed);
    w.options.max = 8;
    w.options.idle_timeout = 20s;
    w.options.warm_up = 1s;
    w.service_time = from_seconds(0.2 + 3 * random.unit());
    w.track("in_flight_per_endpoint", 1.5, 5s);
    double load = 0;
    w.rate = [&load](double) { return load; };
    std::uint64_t doomed = 0;  // requests on instances that died or were given up as unhealthy

    for (int second = 0; second < 400; ++second) {
      if (random.below(20) == 0) load = random.below(3) == 0 ? 0 : 10 * random.unit();
      if (random.below(60) == 0) w.manual(static_cast<std::uint32_t>(random.below(9)));
      if (random.below(80) == 0) w.options.max = static_cast<std::uint32_t>(4 + random.below(6));
      if (!w.facts.instances.empty() && random.below(30) == 0) {
        InstanceFacts& i = w.facts.instances[random.below(w.facts.instances.size())];
        if (random.below(2) == 0) {
          i.exited = true;
        } else if (i.state == Lifecycle::in_service) {
          i.healthy = false;
          i.unhealthy_since = w.now();
        }
        doomed += i.in_flight;
        w.event();
      }
      w.run(1s);

      const auto live = w.count(Lifecycle::pending) + w.count(Lifecycle::in_service);
      ASSERT_LE(w.last.desired, w.options.max) << w.trace;
      ASSERT_LE(live, w.options.max + 1) << w.trace;
      ASSERT_EQ(w.cut_by_scale_in, 0u) << w.causes();
    }
    load = 0;
    w.options.max = 8;
    w.run(900s);

    EXPECT_TRUE(w.facts.instances.empty()) << w.trace << w.causes();
    cut += w.cut;
    EXPECT_LE(w.cut, doomed);
    EXPECT_EQ(w.answered + w.cut, w.facts.arrivals) << w.trace;
  }
  EXPECT_GT(cut, 0u);  // the trouble was real
}

TEST(Simulation, WeirsShareOfAStartFromZeroIsOneStep) {
  TestWorld w;
  w.track("in_flight_per_endpoint", 1.5);
  w.run(10s);
  ASSERT_EQ(w.facts.instances.size(), 0u);

  w.extra_waiting = 1;
  w.step_now();  // the event: a queue has started

  ASSERT_EQ(w.facts.instances.size(), 1u);
  EXPECT_EQ(w.facts.instances[0].launched, w.now());
}

}  // namespace
}  // namespace weir::scale
