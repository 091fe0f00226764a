#include "scale/engine.h"

#include <gtest/gtest.h>

#include "scale/test_world.h"

namespace weir::scale {
namespace {

using Kind = Action::Kind;

TEST(Lifecycle, DrainsTheVictimUntilItsLastStreamHasEnded) {
  TestWorld w = serving(2);
  w.pinned = "i-1";
  w.manual(0);
  w.run(3600s);
  EXPECT_EQ(w.count(Lifecycle::terminating), 1u);  // the idle one is gone
  EXPECT_EQ(w.done(Kind::stop), 1u);
  EXPECT_EQ(w.last.desired, 0u);

  w.pinned.clear();
  w.run(1s);

  EXPECT_TRUE(w.facts.instances.empty());
  EXPECT_EQ(w.done(Kind::kill), 0u);
  EXPECT_EQ(w.activities.back().description, "Terminated instance i-1");
}

TEST(Lifecycle, StopsADrainingInstanceAtTheDrainLimit) {
  TestWorld w = serving(1);
  w.options.drain_limit = 90s;
  w.pinned = "i-1";
  w.manual(0);

  w.run(89s);
  EXPECT_EQ(w.done(Kind::stop), 0u);
  w.run(2s);
  EXPECT_EQ(w.done(Kind::stop), 1u);
}

TEST(Lifecycle, LeavesTimeForARequestThatJustTookItsSlot) {
  TestWorld w = serving(1);
  w.manual(0);
  w.step_now();
  EXPECT_EQ(w.done(Kind::drain), 1u);
  w.step_now();  // at the same moment
  EXPECT_EQ(w.done(Kind::stop), 0u);
  w.run(150ms);
  EXPECT_EQ(w.done(Kind::stop), 1u);
}

TEST(Lifecycle, BringsADrainingInstanceBackInsteadOfStartingOne) {
  TestWorld w = serving(2);
  w.pinned = "i-1";
  w.manual(0);
  w.run(10s);
  ASSERT_EQ(w.count(Lifecycle::terminating), 1u);

  w.extra_waiting = 1;
  w.step_now();

  EXPECT_EQ(w.done(Kind::resume), 1u);
  EXPECT_EQ(w.done(Kind::launch), 0u);
  EXPECT_EQ(w.find("i-1")->state, Lifecycle::in_service);
}

TEST(Lifecycle, KillsWhatOutlivesItsStop) {
  TestWorld w = serving(1);
  w.options.launch.stop_grace = 10s;
  w.stop_time = 1h;
  w.manual(0);
  w.run(14s);
  EXPECT_EQ(w.done(Kind::kill), 0u);
  w.run(3s);
  EXPECT_EQ(w.done(Kind::kill), 1u);
  w.run(1s);
  EXPECT_TRUE(w.facts.instances.empty());
}

TEST(Lifecycle, ReplacesAnInstanceThatEnded) {
  TestWorld w = serving(2);
  w.options.min = 2;
  w.find("i-1")->exited = true;
  w.find("i-1")->exit_cause = "signal 9";
  w.find("i-1")->last_log = "CUDA error";

  w.step_now();

  EXPECT_EQ(w.done(Kind::forget), 1u);
  EXPECT_EQ(w.done(Kind::launch), 1u);
  EXPECT_EQ(w.activities[0].status, Activity::Status::failed);
  EXPECT_NE(w.activities[0].cause.find(
                "instance i-1 of group ocr ended: signal 9; its last lines: CUDA error."),
            std::string::npos)
      << w.activities[0].cause;
  EXPECT_EQ(w.last.desired, 2u);
}

TEST(Lifecycle, ReplacesAnUnhealthyInstanceWithinTheDeregistrationDelay) {
  TestWorld w = serving(3);
  w.options.min = 3;
  w.pinned = "i-2";
  w.find("i-2")->healthy = false;
  w.find("i-2")->unhealthy_since = w.now();

  w.step_now();
  EXPECT_EQ(w.find("i-2")->state, Lifecycle::terminating);
  EXPECT_EQ(w.find("i-2")->cause, Cause::unhealthy);
  EXPECT_EQ(w.done(Kind::launch), 1u);
  w.run(29s);
  EXPECT_EQ(w.done(Kind::stop), 0u);
  w.run(2s);
  EXPECT_EQ(w.done(Kind::stop), 1u);
  EXPECT_EQ(w.count(Lifecycle::in_service), 3u);
}

TEST(Lifecycle, ReplacesAtMostHalfOfAnUnhealthyGroupAtOnce) {
  TestWorld w = serving(4);
  w.options.min = 4;
  for (auto& i : w.facts.instances) {
    i.healthy = false;
    i.unhealthy_since = w.now();
  }
  w.step_now();
  EXPECT_EQ(w.count(Lifecycle::terminating), 2u);
  ASSERT_FALSE(w.last.notes.empty());
  w.run(60s);
  EXPECT_EQ(w.done(Kind::stop), 4u);
  EXPECT_EQ(w.count(Lifecycle::in_service), 4u);
}

TEST(Lifecycle, ReplacesWhatDoesNotBecomeHealthyInTime) {
  TestWorld w;
  w.options.min = 1;
  w.options.launch.start_timeout = 30s;
  w.start_time = 1h;

  w.run(29s);
  EXPECT_EQ(w.done(Kind::stop), 0u);
  w.run(3s);

  EXPECT_EQ(w.done(Kind::stop), 1u);
  EXPECT_EQ(w.done(Kind::launch), 2u);
  EXPECT_NE(w.causes().find("instance i-1 of group ocr did not become healthy within 30s"),
            std::string::npos)
      << w.causes();
}

TEST(Lifecycle, KeepsAnInstanceThatCannotStartPendingWithItsReason) {
  TestWorld w;
  w.options.min = 1;
  w.options.launch.start_timeout = 30s;
  w.cannot_start = "no free GPU";

  w.run(600s);

  EXPECT_EQ(w.count(Lifecycle::pending), 1u);
  EXPECT_EQ(w.done(Kind::launch), 1u);
  w.step_now();
  ASSERT_EQ(w.last.notes.size(), 1u);
  EXPECT_EQ(w.last.notes[0], "instance i-1 is pending: no free GPU");
}

TEST(Lifecycle, BacksOffWhenInstancesKeepDying) {
  TestWorld w;
  w.options.min = 3;
  w.start_time = 1h;
  std::vector<double> launches;
  for (int tick = 0; tick < 20 * 3600; ++tick) {
    const auto before = w.done(Kind::launch);
    w.run(50ms);
    if (w.done(Kind::launch) > before) launches.push_back(w.elapsed());
    for (auto& i : w.facts.instances) {
      if (i.exited) continue;
      i.exited = true;
      i.exit_cause = "exit status 1";
      i.last_log = "no such model";
      w.event();
    }
  }

  ASSERT_GE(launches.size(), 12u);
  EXPECT_LE(launches.size(), 22u);
  for (std::size_t n = 1; n + 1 < launches.size(); ++n) {
    const double wait = launches[n + 1] - launches[n];
    const double before = launches[n] - launches[n - 1];
    EXPECT_NEAR(wait, std::min(2 * before, 300.0), 0.3) << n;
  }
  EXPECT_EQ(w.actions[0].count, 3u);
  EXPECT_EQ(std::count_if(w.actions.begin() + 1, w.actions.end(),
                          [](const Action& a) { return a.kind == Kind::launch && a.count == 3; }),
            1);  // once more all of them; then one that tries
  ASSERT_FALSE(w.last.notes.empty());
  EXPECT_NE(w.last.notes.back().find("ended before it was healthy: exit status 1; its last lines: "
                                     "no such model"),
            std::string::npos)
      << w.last.notes.back();
}

TEST(Lifecycle, ForgetsTheBackoffAfterAMinuteOfService) {
  TestWorld w;
  w.options.min = 2;
  w.run(10s);
  for (auto& i : w.facts.instances) i.exited = true;
  w.event();
  w.run(30s);
  EXPECT_EQ(w.memory.backoff.rounds(), 1u);
  w.run(120s);
  EXPECT_EQ(w.memory.backoff.rounds(), 0u);
  EXPECT_EQ(w.count(Lifecycle::in_service), 2u);
}

TEST(Lifecycle, AnOldInstanceThatEndsIsReplacedAtOnce) {
  TestWorld w = serving(1);
  w.options.min = 1;
  w.find("i-1")->exited = true;
  w.step_now();
  EXPECT_EQ(w.memory.backoff.rounds(), 0u);
  EXPECT_EQ(w.done(Kind::launch), 1u);
}

TEST(Lifecycle, AnInstanceThatAUserDrainsIsReplaced) {
  TestWorld w = serving(2);
  w.options.min = 2;
  w.pinned = "i-1";
  auto* i = w.find("i-1");
  i->state = Lifecycle::terminating;
  i->cause = Cause::user;
  i->state_since = w.now();
  w.event();
  w.run(20s);
  EXPECT_EQ(w.count(Lifecycle::in_service), 2u);
  EXPECT_NE(w.find("i-1"), nullptr);
  w.run(15s);
  EXPECT_EQ(w.find("i-1"), nullptr);
  EXPECT_EQ(w.last.desired, 2u);
}

}  // namespace
}  // namespace weir::scale
