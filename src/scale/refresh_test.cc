// Instance refresh, maximum lifetime and zones: what is replaced, how many at a time, and when it
// ends.
#include <gtest/gtest.h>

#include "scale/test_world.h"

namespace weir::scale {
namespace {

using Status = Refresh::Status;

// `n` of version 1; a refresh to version 2 begins.
TestWorld refreshing(std::uint32_t n, RefreshOptions options) {
  TestWorld w = serving(n);
  w.options.max = n;
  Refresh refresh;
  refresh.number = 1;
  refresh.options = std::move(options);
  refresh.version = 2;
  refresh.before = 1;
  w.memory.refresh = refresh;
  w.facts.version = 2;
  w.event();
  return w;
}

RefreshOptions pace(std::uint32_t min_healthy, std::uint32_t max_healthy) {
  RefreshOptions options;
  options.maintenance = Maintenance{min_healthy, max_healthy};
  return options;
}

std::size_t of_version(const TestWorld& w, std::uint32_t version) {
  return static_cast<std::size_t>(std::ranges::count_if(
      w.facts.instances, [&](const auto& i) { return counts(i.state) && i.version == version; }));
}

struct Extremes {
  std::size_t least_serving = 1000;
  std::size_t most_live = 0;
};

// Runs until it ended, or for an hour.
Extremes to_the_end(TestWorld& w) {
  Extremes seen;
  for (int i = 0; i < 36000 && running(*w.memory.refresh); ++i) {
    w.run(100ms);
    const auto live = static_cast<std::size_t>(
        std::ranges::count_if(w.facts.instances, [](const auto& x) { return counts(x.state); }));
    seen.least_serving = std::min(seen.least_serving, w.count(Lifecycle::in_service));
    seen.most_live = std::max(seen.most_live, live);
  }
  return seen;
}

TEST(InstanceRefresh, LaunchesBeforeItTerminatesAtAHundredPercent) {
  TestWorld w = refreshing(4, pace(100, 110));
  const Extremes seen = to_the_end(w);
  EXPECT_EQ(w.memory.refresh->status, Status::successful) << w.causes();
  EXPECT_EQ(seen.least_serving, 4u);
  EXPECT_EQ(seen.most_live, 5u);
  EXPECT_EQ(of_version(w, 2), 4u);
  EXPECT_EQ(percent(*w.memory.refresh), 100u);
  EXPECT_EQ(w.memory.refresh->replaced, 4u);
}

TEST(InstanceRefresh, TerminatesFirstWhereThatIsAllowed) {
  TestWorld w = refreshing(10, pace(90, 100));
  const Extremes seen = to_the_end(w);
  EXPECT_EQ(w.memory.refresh->status, Status::successful) << w.causes();
  EXPECT_EQ(seen.least_serving, 9u);
  EXPECT_EQ(seen.most_live, 10u);
}

TEST(InstanceRefresh, ReplacesHalfAtOnceAtFiftyPercentAndAllAtNone) {
  TestWorld half = refreshing(4, pace(50, 100));
  EXPECT_EQ(to_the_end(half).least_serving, 2u);
  TestWorld all = refreshing(4, pace(0, 100));
  EXPECT_EQ(to_the_end(all).least_serving, 0u);
  EXPECT_EQ(of_version(all, 2), 4u);
}

TEST(InstanceRefresh, OneCanAlwaysGoAlsoInAGroupOfOne) {
  TestWorld w = refreshing(1, pace(90, 100));
  to_the_end(w);
  EXPECT_EQ(w.memory.refresh->status, Status::successful) << w.causes();
  EXPECT_EQ(of_version(w, 2), 1u);
}

TEST(InstanceRefresh, CutsNoStream) {
  TestWorld w = refreshing(2, pace(100, 150));
  w.pinned = w.facts.instances[0].id;
  w.run(300s);
  ASSERT_NE(w.find(w.pinned), nullptr) << w.causes();
  EXPECT_EQ(w.find(w.pinned)->state, Lifecycle::terminating);
  EXPECT_EQ(w.memory.refresh->status, Status::successful) << w.causes();
}

TEST(InstanceRefresh, LeavesThoseAloneThatMatch) {
  TestWorld w = refreshing(4, pace(100, 110));
  w.facts.instances[0].version = w.facts.instances[1].version = 2;
  const std::string kept = w.facts.instances[0].id;
  to_the_end(w);
  EXPECT_EQ(*w.memory.refresh->total, 2u);
  EXPECT_NE(w.find(kept), nullptr);

  RefreshOptions all = pace(100, 110);
  all.skip_matching = false;
  TestWorld other = refreshing(4, all);
  for (auto& i : other.facts.instances) i.version = 2;
  to_the_end(other);
  EXPECT_EQ(*other.memory.refresh->total, 4u);
  EXPECT_EQ(other.memory.refresh->status, Status::successful) << other.causes();
}

TEST(InstanceRefresh, WaitsAtItsCheckpoints) {
  RefreshOptions options = pace(100, 110);
  options.checkpoints = {25, 100};
  options.checkpoint_delay = 600s;
  TestWorld w = refreshing(4, options);
  w.run(300s);
  EXPECT_EQ(w.memory.refresh->status, Status::waiting) << w.causes();
  EXPECT_EQ(of_version(w, 2), 1u) << w.causes();
  EXPECT_EQ(percent(*w.memory.refresh), 25u);
  EXPECT_EQ(w.facts.instances.size(), 4u);
  w.run(1500s);
  EXPECT_EQ(w.memory.refresh->status, Status::successful) << w.causes();
  EXPECT_EQ(of_version(w, 2), 4u);
}

TEST(InstanceRefresh, EndsAtTheLastCheckpointAlsoBelowAHundred) {
  RefreshOptions options = pace(100, 110);
  options.checkpoints = {50};
  options.checkpoint_delay = 10s;
  TestWorld w = refreshing(4, options);
  to_the_end(w);
  EXPECT_EQ(w.memory.refresh->status, Status::successful) << w.causes();
  EXPECT_EQ(of_version(w, 2), 2u);
  w.run(60s);
  EXPECT_EQ(of_version(w, 1), 2u);
}

TEST(InstanceRefresh, FailsWhenNewInstancesDoNotGetHealthy) {
  TestWorld w = refreshing(2, pace(100, 110));
  w.options.launch.start_timeout = 5s;
  w.broken_version = 2;
  to_the_end(w);
  EXPECT_EQ(w.memory.refresh->status, Status::failed) << w.causes();
  EXPECT_EQ(of_version(w, 1), 2u);
  EXPECT_NE(w.memory.refresh->reason.find("3 starts failed in a row"), std::string::npos)
      << w.memory.refresh->reason;
}

TEST(InstanceRefresh, GoesBackToTheVersionBeforeWhereAskedTo) {
  RefreshOptions options = pace(50, 100);
  options.auto_rollback = true;
  TestWorld w = refreshing(4, options);
  w.options.launch.start_timeout = 5s;
  w.run(3s);
  w.broken_version = 2;  // the first two were good
  to_the_end(w);
  EXPECT_EQ(w.memory.refresh->status, Status::rollback_successful) << w.causes();
  EXPECT_EQ(of_version(w, 1), 4u) << w.causes();
}

TEST(InstanceRefresh, AnAlarmRollsItBack) {
  RefreshOptions options = pace(100, 110);
  options.auto_rollback = true;
  options.alarms = {"errors"};
  options.checkpoints = {50, 100};
  TestWorld w = refreshing(4, options);
  w.run(60s);
  EXPECT_EQ(of_version(w, 2), 2u);
  w.facts.alarms = {"errors"};
  w.event();
  to_the_end(w);
  EXPECT_EQ(w.memory.refresh->status, Status::rollback_successful) << w.causes();
  EXPECT_EQ(of_version(w, 1), 4u);
  EXPECT_NE(w.memory.refresh->reason.find("alarm errors"), std::string::npos);
}

TEST(InstanceRefresh, WaitsAnHourForWhatIsProtected) {
  TestWorld w = refreshing(2, pace(100, 110));
  w.facts.instances[0].is_protected = true;
  w.run(1800s);
  EXPECT_EQ(w.memory.refresh->status, Status::in_progress) << w.causes();
  EXPECT_EQ(of_version(w, 2), 1u);
  w.run(2000s);
  EXPECT_EQ(w.memory.refresh->status, Status::failed) << w.causes();

  RefreshOptions options = pace(100, 110);
  options.protected_instances = Spared::replace;
  TestWorld other = refreshing(2, options);
  other.facts.instances[0].is_protected = true;
  to_the_end(other);
  EXPECT_EQ(of_version(other, 2), 2u) << other.causes();

  options.protected_instances = Spared::ignore;
  TestWorld third = refreshing(2, options);
  third.facts.instances[0].is_protected = true;
  to_the_end(third);
  EXPECT_EQ(third.memory.refresh->status, Status::successful);
  EXPECT_EQ(of_version(third, 2), 1u) << third.causes();
}

TEST(InstanceRefresh, StopsWhereItIsWhenCancelled) {
  RefreshOptions options = pace(100, 110);
  options.checkpoints = {25, 100};
  TestWorld w = refreshing(4, options);
  w.run(60s);
  cancel(*w.memory.refresh, WallTime());
  w.event();
  w.run(60s);
  EXPECT_EQ(of_version(w, 2), 1u);
  EXPECT_EQ(of_version(w, 1), 3u);
}

TEST(InstanceRefresh, OfAnEmptyGroupIsOverAtOnce) {
  TestWorld w = refreshing(2, pace(100, 110));
  w.facts.instances.clear();
  w.memory.desired = 0;
  w.event();
  w.run(1s);
  EXPECT_EQ(w.memory.refresh->status, Status::successful) << w.causes();
}

TEST(InstanceRefresh, GoesOnWhileTheGroupIsScaled) {
  TestWorld w = refreshing(6, pace(100, 120));
  w.run(5s);
  w.manual(3);
  to_the_end(w);
  EXPECT_EQ(w.memory.refresh->status, Status::successful) << w.causes();
  w.run(5s);
  EXPECT_EQ(w.facts.instances.size(), 3u);
  EXPECT_EQ(of_version(w, 2), 3u);
}

TEST(MaximumLifetime, ReplacesWhatIsOlderOneBeforeTheOther) {
  TestWorld w = serving(2);
  w.options.max = 2;
  w.options.max_instance_lifetime = 600s;
  w.event();
  const std::string first = w.facts.instances[0].id;
  std::size_t least = 1000;
  for (int i = 0; i < 10000; ++i) {
    w.run(100ms);
    least = std::min(least, w.count(Lifecycle::in_service));
  }
  EXPECT_EQ(least, 2u) << w.causes();
  EXPECT_EQ(w.find(first), nullptr);
  EXPECT_EQ(w.done(Action::Kind::launch), 2u) << w.causes();
  EXPECT_NE(w.causes().find("older than the maximum instance lifetime"), std::string::npos);
}

std::size_t in_zone(const TestWorld& w, const std::string& zone) {
  return static_cast<std::size_t>(std::ranges::count_if(w.facts.instances, [&](const auto& i) {
    return i.zone == zone && i.state == Lifecycle::in_service;
  }));
}

TEST(Zones, AreFilledEvenly) {
  TestWorld w;
  w.options.zones = {"a", "b", "c"};
  w.options.min = 5;
  w.options.max = 10;
  w.run(5s);
  EXPECT_EQ(in_zone(w, "a"), 2u);
  EXPECT_EQ(in_zone(w, "b"), 2u);
  EXPECT_EQ(in_zone(w, "c"), 1u);
}

TEST(Zones, AreBalancedAgainWhenOneIsBack) {
  TestWorld w;
  w.options.zones = {"a", "b"};
  w.options.min = 4;
  w.options.max = 4;
  w.facts.zones_out = {"b"};
  w.run(10s);
  EXPECT_EQ(in_zone(w, "a"), 4u);
  w.facts.zones_out.clear();
  w.event();
  std::size_t least = 1000;
  for (int i = 0; i < 600; ++i) {
    w.run(100ms);
    least = std::min(least, w.count(Lifecycle::in_service));
  }
  EXPECT_EQ(in_zone(w, "a"), 2u) << w.causes();
  EXPECT_EQ(in_zone(w, "b"), 2u) << w.causes();
  EXPECT_EQ(least, 4u);
  const std::size_t launched = w.done(Action::Kind::launch);
  w.run(300s);
  EXPECT_EQ(w.done(Action::Kind::launch), launched) << w.causes();
}

TEST(Zones, OneWhereStartsFailIsPassedOverForAWhile) {
  TestWorld w = serving(2);
  w.options.zones = {"a", "b"};
  w.facts.instances[0].zone = "a";
  w.facts.instances[1].zone = "b";
  w.options.min = w.options.max = 2;
  w.facts.instances[1].exited = true;
  w.facts.instances[1].in_service_since = w.now();
  w.event();
  w.run(10s);
  EXPECT_EQ(in_zone(w, "a"), 2u) << w.causes();
  w.run(300s);
  EXPECT_EQ(in_zone(w, "a"), 1u) << w.causes();
  EXPECT_EQ(in_zone(w, "b"), 1u) << w.causes();
}

}  // namespace
}  // namespace weir::scale
