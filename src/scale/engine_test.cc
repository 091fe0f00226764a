#include "scale/engine.h"

#include <gtest/gtest.h>

#include "scale/test_world.h"

namespace weir::scale {
namespace {

using Kind = Action::Kind;

TEST(Engine, StartsTheMinimumAndTakesItIntoService) {
  TestWorld w;
  w.options.min = 2;

  w.run(3s);

  EXPECT_EQ(w.last.desired, 2u);
  EXPECT_EQ(w.count(Lifecycle::in_service), 2u);
  EXPECT_EQ(w.done(Kind::launch), 1u);
  EXPECT_EQ(w.activities[0].description, "Launching 2 instances");
  EXPECT_EQ(w.activities[0].cause,
            "At 1970-01-01T01:00:00Z 2 instances of group ocr were started: 2 instances are "
            "wanted, 0 are there.");
  EXPECT_EQ(w.activities[1].description, "Instance i-1 is in service");
}

TEST(Engine, StartsTheConfiguredCapacityAtFirstAndTheStoredOneAfterwards) {
  TestWorld w;
  w.options.desired = 3;
  EXPECT_EQ(w.step_now().desired, 3u);

  TestWorld restarted;
  restarted.options.desired = 3;
  restarted.memory.desired = 1;
  EXPECT_EQ(restarted.step_now().desired, 1u);
}

TEST(Engine, WakesFromZeroForAWaitingRequestEvenWithoutPolicies) {
  TestWorld w;
  w.run(2s);
  w.extra_waiting = 3;

  w.step_now();

  ASSERT_EQ(w.facts.instances.size(), 1u);
  EXPECT_EQ(w.activities[0].description,
            "Increasing the desired capacity of group ocr from 0 to 1");
  EXPECT_EQ(w.activities[0].cause,
            "At 1970-01-01T01:00:02Z 3 requests were waiting for group ocr with no instance in "
            "service, increasing the desired capacity from 0 to 1.");
}

TEST(Engine, WakesWithEnoughForTheLineWithinTheMaximum) {
  TestWorld w;
  w.track("in_flight_per_endpoint", 1.5);
  w.extra_waiting = 5;
  w.step_now();
  EXPECT_EQ(w.facts.instances.size(), 4u);

  TestWorld shut;
  shut.options.max = 0;
  shut.extra_waiting = 5;
  shut.step_now();
  EXPECT_TRUE(shut.facts.instances.empty());
}

TEST(Engine, SleepsWhenThereIsNothingToLookAt) {
  TestWorld w;
  w.track("in_flight_per_endpoint", 1.5);
  EXPECT_EQ(w.step_now().next, kNever);
  w.run(60s);
  EXPECT_LE(w.steps, 2u);
}

TEST(Engine, GoesToZeroAfterTheIdleTimeoutSinceTheLastRequest) {
  TestWorld w;
  w.options.idle_timeout = 60s;
  w.rate = [](double t) { return t < 10 ? 2 : 0.0; };
  w.run(65s);
  EXPECT_EQ(w.last.desired, 1u);

  w.run(10s);

  EXPECT_EQ(w.last.desired, 0u);
  EXPECT_TRUE(w.facts.instances.empty());
  EXPECT_EQ(w.cut, 0u);
  EXPECT_NE(w.causes().find("no request had come to group ocr for 1m, decreasing the desired "
                            "capacity from 1 to 0."),
            std::string::npos)
      << w.causes();
}

TEST(Engine, DoesNotGoToZeroUnderAnOpenStream) {
  TestWorld w;
  w.options.idle_timeout = 10s;
  w.extra_waiting = 1;
  w.run(3s);
  w.extra_waiting = 0;
  w.pinned = "i-1";
  w.run(600s);
  EXPECT_EQ(w.last.desired, 1u);
  EXPECT_EQ(w.done(Kind::drain), 0u);

  w.pinned.clear();
  w.run(12s);
  EXPECT_EQ(w.last.desired, 0u);
}

TEST(Engine, LetsASlowStartComeUpThoughItsClientHasLeft) {
  TestWorld w;
  w.options.idle_timeout = 10s;
  w.start_time = 120s;
  w.extra_waiting = 1;
  w.run(5s);
  w.extra_waiting = 0;

  w.run(120s);
  EXPECT_EQ(w.count(Lifecycle::in_service), 1u);
  w.run(15s);
  EXPECT_TRUE(w.facts.instances.empty());
}

TEST(Engine, AdoptsWhatItFindsAndSaysSoOnce) {
  TestWorld w;
  for (int n = 1; n <= 3; ++n) {
    InstanceFacts i;
    i.id = "old-" + std::to_string(n);
    i.state = Lifecycle::in_service;
    i.in_service_since = i.started = w.now() - 600s;
    i.healthy = i.adopted = true;
    w.facts.instances.push_back(i);
  }
  w.run(5s);

  EXPECT_EQ(w.last.desired, 3u);
  EXPECT_TRUE(w.actions.empty());
  ASSERT_EQ(w.activities.size(), 3u);
  EXPECT_EQ(w.activities[0].description, "Adopted instance old-1");
}

TEST(Engine, RetiresAdoptedInstancesBeyondTheStoredCapacity) {
  TestWorld w = serving(3);
  Memory restarted;
  restarted.desired = 2;
  w.memory = restarted;
  w.event();
  w.run(2s);
  EXPECT_EQ(w.count(Lifecycle::in_service), 2u);
  EXPECT_EQ(w.last.desired, 2u);
}

TEST(Engine, SetsTheCapacityThatAUserAskedForWithinTheBounds) {
  TestWorld w = serving(1);
  w.options.max = 5;
  w.manual(3);
  w.step_now();
  EXPECT_EQ(w.last.desired, 3u);
  EXPECT_NE(w.activities[0].cause.find("a user request set the desired capacity of group ocr, "
                                       "increasing the desired capacity from 1 to 3."),
            std::string::npos);
  w.manual(50);
  EXPECT_EQ(w.step_now().desired, 5u);

  w.options.min = 1;
  EXPECT_TRUE(check_manual(w.options.min, w.options.max, 1));
  EXPECT_EQ(check_manual(w.options.min, w.options.max, 0).error().message,
            "desired capacity 0 is below the minimum 1");
  EXPECT_EQ(check_manual(w.options.min, w.options.max, 6).error().message,
            "desired capacity 6 is above the maximum 5");
}

TEST(Engine, PoliciesGoOnAfterAManualChangeButNotBeforeTheirCooldown) {
  TestWorld w;
  w.options.min = 1;
  w.options.max = 10;
  w.track("in_flight_per_endpoint", 1.5, 60s);
  w.run(300s);
  w.manual(6);
  w.event();
  w.run(59s);
  EXPECT_EQ(w.last.desired, 6u);
  w.run(300s);
  EXPECT_EQ(w.last.desired, 1u);
}

TEST(Engine, FollowsNewBoundsOfTheConfig) {
  TestWorld w = serving(4);
  w.options.max = 2;
  w.step_now();
  EXPECT_EQ(w.last.desired, 2u);
  EXPECT_NE(w.cause().find("least remaining work"), std::string::npos);
  EXPECT_EQ(w.count(Lifecycle::terminating), 2u);

  w.options.min = w.options.max = 5;
  w.step_now();
  EXPECT_EQ(w.last.desired, 5u);
  EXPECT_EQ(w.done(Kind::resume), 2u);
}

TEST(Engine, DrainsEverythingOfAGroupThatGoesAway) {
  TestWorld w = serving(3);
  w.options.min = w.options.max = 0;
  w.pinned = "i-3";
  w.event();
  w.run(5s);
  EXPECT_EQ(w.facts.instances.size(), 1u);
  w.pinned.clear();
  w.run(1s);
  EXPECT_TRUE(w.facts.instances.empty());
}

TEST(Engine, WarmingInstancesBlockScaleInAndAreNotMeasured) {
  TestWorld w;
  w.options.min = 1;
  w.options.max = 10;
  w.options.warm_up = 500s;
  w.track("in_flight_per_endpoint", 1.5, 10s);
  w.run(600s);
  w.manual(4);
  w.event();
  w.run(400s);  // far beyond the cooldown, and idle
  EXPECT_EQ(w.last.desired, 4u);
  EXPECT_DOUBLE_EQ(*w.series.at(Metric::instances, w.now()), 1);
  w.run(200s);
  EXPECT_LT(w.last.desired, 4u);
}

TEST(Engine, DoesNotScaleInWhileSomebodyWaits) {
  TestWorld w;
  w.options.min = 1;
  w.track("cpu_percent", 60, 10s);
  w.run(100s);
  w.manual(4);
  w.event();
  w.extra_waiting = 1;
  for (int s = 0; s < 300; ++s) {
    for (auto& i : w.facts.instances) i.cpu_percent = 1;
    w.run(1s);
  }
  EXPECT_EQ(w.last.desired, 4u);
  w.extra_waiting = 0;
  w.run(50s);
  EXPECT_LT(w.last.desired, 4u);
}

TEST(Engine, WantsNoMoreThanTheProviderHasRoomFor) {
  TestWorld w;
  w.options.min = 1;
  w.options.max = 10;
  w.track("in_flight_per_endpoint", 1);
  w.run(5s);
  w.facts.room = 2;
  w.extra_waiting = 50;
  w.step_now();
  EXPECT_EQ(w.last.desired, 3u);
  ASSERT_FALSE(w.last.notes.empty());

  TestWorld zero;
  zero.facts.room = 0;
  zero.extra_waiting = 1;
  EXPECT_EQ(zero.step_now().desired, 1u);  // it is pending with its reason
}

TEST(Engine, IsAPureFunctionOfItsInputs) {
  const auto once = [] {
    TestWorld w(42);
    w.options.max = 8;
    w.track("in_flight_per_endpoint", 1.5, 10s);
    w.rate = [](double t) { return t < 60 ? 20 : 1.0; };
    w.run(200s);
    return w.causes() + w.trace;
  };
  EXPECT_EQ(once(), once());
}

}  // namespace
}  // namespace weir::scale
