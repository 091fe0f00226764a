// Lifecycle hooks, standby and detaching, as EC2 has them.
#include <gtest/gtest.h>

#include "scale/test_world.h"

namespace weir::scale {
namespace {

LifecycleHook hook(const std::string& name, Transition transition, HookResult otherwise) {
  LifecycleHook one;
  one.name = name;
  one.transition = transition;
  one.heartbeat_timeout = 30s;
  one.default_result = otherwise;
  return one;
}

TestWorld launching(HookResult otherwise) {
  TestWorld w;
  w.options.min = 1;
  w.options.lifecycle_hooks = {hook("load", Transition::launching, otherwise)};
  w.run(3s);
  return w;
}

HookFacts& at_work(TestWorld& w, std::size_t n = 0) { return w.facts.instances.at(0).hooks.at(n); }

TEST(LaunchingHook, HoldsAnInstanceThatIsHealthyOutOfService) {
  TestWorld w = launching(HookResult::abandon);
  EXPECT_EQ(w.count(Lifecycle::pending_wait), 1u) << w.causes();
  w.run(20s);
  EXPECT_EQ(w.count(Lifecycle::pending_wait), 1u) << w.causes();
  at_work(w).result = HookResult::continue_;
  w.event();
  w.run(1s);
  EXPECT_EQ(w.count(Lifecycle::in_service), 1u) << w.causes();
}

TEST(LaunchingHook, IsAbandonedByDefaultAfterItsTimeAndReplaced) {
  TestWorld w = launching(HookResult::abandon);
  const std::string first = w.facts.instances[0].id;
  w.run(32s);
  EXPECT_EQ(w.find(first), nullptr) << w.causes();
  EXPECT_EQ(w.done(Action::Kind::enter_service), 0u);
  EXPECT_NE(w.causes().find("was given up by a launching hook"), std::string::npos) << w.causes();
  w.run(10s);
  EXPECT_EQ(w.done(Action::Kind::launch), 2u) << w.causes();
}

TEST(LaunchingHook, GoesOnAfterItsTimeWhereThatIsTheDefault) {
  TestWorld w = launching(HookResult::continue_);
  w.run(31s);
  EXPECT_EQ(w.count(Lifecycle::in_service), 1u) << w.causes();
}

TEST(LaunchingHook, HasItsTimeAgainWithEachHeartbeatUpToAHundredTimes) {
  TestWorld w = launching(HookResult::continue_);
  for (int i = 0; i < 110; ++i) {
    w.run(29s);
    if (w.count(Lifecycle::pending_wait) == 0) break;
    at_work(w).heartbeat = w.now();
    w.event();
  }
  EXPECT_EQ(w.count(Lifecycle::in_service), 1u);
  const Duration took = *w.facts.instances[0].in_service_since - w.facts.instances[0].launched;
  EXPECT_GE(took, 100 * 30s);
  EXPECT_LE(took, 101 * 30s + 5s);
}

TEST(LaunchingHook, OfSeveralEachHasToBeCompleted) {
  TestWorld w;
  w.options.min = 1;
  w.options.lifecycle_hooks = {hook("a", Transition::launching, HookResult::abandon),
                               hook("b", Transition::launching, HookResult::abandon)};
  w.run(3s);
  at_work(w, 0).result = HookResult::continue_;
  w.event();
  w.run(1s);
  EXPECT_EQ(w.count(Lifecycle::pending_wait), 1u);
  at_work(w, 1).result = HookResult::continue_;
  w.event();
  w.run(1s);
  EXPECT_EQ(w.count(Lifecycle::in_service), 1u);
}

TEST(TerminatingHook, BeginsOnceTheLastRequestHasEndedAndIsWaitedFor) {
  TestWorld w = serving(2);
  w.options.lifecycle_hooks = {hook("save", Transition::terminating, HookResult::abandon)};
  w.pinned = w.facts.instances[0].id;
  w.facts.instances[1].is_protected = true;
  w.manual(1);
  w.run(5s);
  EXPECT_EQ(w.count(Lifecycle::terminating), 1u) << w.causes();
  w.pinned.clear();
  w.event();
  w.run(2s);
  EXPECT_EQ(w.count(Lifecycle::terminating_wait), 1u) << w.causes();
  EXPECT_EQ(w.done(Action::Kind::stop), 0u);
  at_work(w).result = HookResult::continue_;
  w.event();
  w.run(1s);
  EXPECT_EQ(w.facts.instances.size(), 1u) << w.causes();
}

TEST(TerminatingHook, EndsAfterItsTimeWhateverTheDefault) {
  for (const HookResult otherwise : {HookResult::abandon, HookResult::continue_}) {
    TestWorld w = serving(1);
    w.options.lifecycle_hooks = {hook("save", Transition::terminating, otherwise)};
    w.manual(0);
    w.run(29s);
    EXPECT_EQ(w.facts.instances.size(), 1u);
    w.run(3s);
    EXPECT_EQ(w.facts.instances.size(), 0u) << w.causes();
  }
}

TEST(TerminatingHook, ThatGivesUpEndsTheWaitOfAll) {
  TestWorld w = serving(1);
  w.options.lifecycle_hooks = {hook("a", Transition::terminating, HookResult::continue_),
                               hook("b", Transition::terminating, HookResult::continue_)};
  w.manual(0);
  w.run(2s);
  at_work(w, 1).result = HookResult::abandon;
  w.event();
  w.run(1s);
  EXPECT_EQ(w.facts.instances.size(), 0u) << w.causes();
}

TEST(TerminatingHook, AProcessThatEndedMeanwhileIsGone) {
  TestWorld w = serving(1);
  w.options.lifecycle_hooks = {hook("a", Transition::terminating, HookResult::continue_)};
  w.manual(0);
  w.run(2s);
  w.facts.instances[0].exited = true;
  w.event();
  w.run(1s);
  EXPECT_EQ(w.facts.instances.size(), 0u) << w.causes();
}

// What control does for an operator: the state, and desired with it.
void set_aside(TestWorld& w, Lifecycle state, std::optional<std::uint32_t> desired) {
  w.facts.instances[0].state = state;
  w.facts.instances[0].state_since = w.now();
  if (desired) w.facts.manual = desired;
  w.event();
}

TEST(Standby, IsNotCountedAndWithItsPlaceTakenAwayNotReplaced) {
  TestWorld w = serving(3);
  w.pinned = w.facts.instances[0].id;
  set_aside(w, Lifecycle::entering_standby, 2);
  w.run(5s);
  EXPECT_EQ(w.count(Lifecycle::entering_standby), 1u) << w.causes();
  w.pinned.clear();
  w.run(2s);
  EXPECT_EQ(w.count(Lifecycle::standby), 1u) << w.causes();
  EXPECT_EQ(w.count(Lifecycle::in_service), 2u);
  EXPECT_EQ(w.done(Action::Kind::launch), 0u);
  w.facts.instances[0].healthy = false;
  w.facts.instances[0].unhealthy_since = w.now();
  w.run(60s);
  EXPECT_EQ(w.count(Lifecycle::standby), 1u) << w.causes();
}

TEST(Standby, IsReplacedWhereItsPlaceStays) {
  TestWorld w = serving(3);
  set_aside(w, Lifecycle::entering_standby, {});
  w.run(5s);
  EXPECT_EQ(w.count(Lifecycle::standby), 1u) << w.causes();
  EXPECT_EQ(w.count(Lifecycle::in_service), 3u);
}

TEST(Standby, EndsWithAnotherLaunchOfTheSameProcess) {
  TestWorld w = serving(2);
  set_aside(w, Lifecycle::entering_standby, 1);
  w.run(5s);
  w.options.lifecycle_hooks = {hook("load", Transition::launching, HookResult::abandon)};
  set_aside(w, Lifecycle::pending, 2);
  w.run(1s);
  EXPECT_EQ(w.count(Lifecycle::pending_wait), 1u) << w.causes();
  at_work(w).result = HookResult::continue_;
  w.event();
  w.run(1s);
  EXPECT_EQ(w.count(Lifecycle::in_service), 2u) << w.causes();
  EXPECT_EQ(w.done(Action::Kind::launch), 0u);
}

TEST(Detached, RunsOnWhateverBecomesOfItsGroupButItsEnd) {
  TestWorld w = serving(2);
  set_aside(w, Lifecycle::detaching, 1);
  w.run(5s);
  EXPECT_EQ(w.count(Lifecycle::detached), 1u) << w.causes();
  w.manual(0);
  w.run(5s);
  EXPECT_EQ(w.facts.instances.size(), 1u) << w.causes();
  w.options.max = 0;
  w.event();
  w.run(5s);
  EXPECT_EQ(w.facts.instances.size(), 0u) << w.causes();
}

}  // namespace
}  // namespace weir::scale
