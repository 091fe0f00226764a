// Warm pools: how many there are, who comes from them and who goes back.
#include <gtest/gtest.h>

#include "scale/test_world.h"

namespace weir::scale {
namespace {

std::size_t in_pool(const TestWorld& w) {
  return static_cast<std::size_t>(
      std::ranges::count_if(w.facts.instances, [](const auto& i) { return pooled(i.state); }));
}

TestWorld with_pool(std::uint32_t n, WarmPool pool, std::uint32_t max = 10) {
  TestWorld w = serving(n);
  w.options.max = max;
  w.options.warm_pool = pool;
  w.event();
  w.run(5s);
  return w;
}

// EC2's figures: max 10, desired 6 -> 4; with 8 prepared -> 2; never below its minimum.
TEST(WarmPool, HoldsWhatIsMissingFromThePreparedCapacity) {
  EXPECT_EQ(in_pool(with_pool(6, {})), 4u);
  WarmPool pool;
  pool.max_prepared = 8;
  EXPECT_EQ(in_pool(with_pool(6, pool)), 2u);
  pool.max_prepared = 5;
  EXPECT_EQ(in_pool(with_pool(6, pool)), 0u);
  pool.min = 3;
  EXPECT_EQ(in_pool(with_pool(6, pool)), 3u);
}

TEST(WarmPool, ServesAScaleOutAtOnceAndFillsUpAgain) {
  WarmPool pool;
  pool.min = 2;
  pool.max_prepared = 0;
  TestWorld w = with_pool(1, pool);
  w.start_time = 30s;
  EXPECT_EQ(w.count(Lifecycle::warmed_running), 2u) << w.causes();
  w.manual(3);
  w.run(500ms);
  EXPECT_EQ(w.count(Lifecycle::in_service), 3u) << w.causes();
  EXPECT_EQ(w.count(Lifecycle::warmed_pending), 2u) << w.causes();
  w.run(31s);
  EXPECT_EQ(w.count(Lifecycle::warmed_running), 2u) << w.causes();
}

TEST(WarmPool, RestsStoppedWhereAskedTo) {
  WarmPool pool;
  pool.min = 1;
  pool.max_prepared = 0;
  pool.stopped = true;
  TestWorld w = with_pool(1, pool);
  EXPECT_EQ(w.count(Lifecycle::warmed_stopped), 1u) << w.causes();
}

TEST(WarmPool, TakesBackWhatIsScaledIn) {
  WarmPool pool;
  pool.reuse_on_scale_in = true;
  pool.max_prepared = 3;
  TestWorld w = with_pool(3, pool, 3);
  EXPECT_EQ(in_pool(w), 0u);
  w.manual(1);
  w.run(5s);
  EXPECT_EQ(w.count(Lifecycle::warmed_running), 2u) << w.causes();
  EXPECT_EQ(w.done(Action::Kind::stop), 0u) << w.causes();
  w.manual(3);
  w.run(1s);
  EXPECT_EQ(w.count(Lifecycle::in_service), 3u) << w.causes();
  EXPECT_EQ(w.done(Action::Kind::launch), 0u) << w.causes();
}

TEST(WarmPool, WithoutReuseAScaleInEndsInstancesAndThePoolIsFilledAnew) {
  WarmPool pool;
  pool.max_prepared = 3;
  TestWorld w = with_pool(3, pool, 3);
  w.manual(1);
  w.run(5s);
  EXPECT_EQ(in_pool(w), 2u) << w.causes();
  EXPECT_EQ(w.done(Action::Kind::stop), 2u) << w.causes();
}

TEST(WarmPool, GoesWithItsOptionAndWithItsGroup) {
  TestWorld w = with_pool(2, {}, 4);
  EXPECT_EQ(in_pool(w), 2u);
  w.options.warm_pool.reset();
  w.event();
  w.run(5s);
  EXPECT_EQ(w.facts.instances.size(), 2u) << w.causes();
  TestWorld other = with_pool(2, {}, 4);
  other.options.max = 0;
  other.event();
  other.run(5s);
  EXPECT_EQ(other.facts.instances.size(), 0u) << other.causes();
}

TEST(WarmPool, IsReplacedByAnInstanceRefreshWithoutWaiting) {
  TestWorld w = with_pool(2, {}, 4);
  Refresh refresh;
  refresh.number = 1;
  refresh.version = 2;
  w.memory.refresh = refresh;
  w.facts.version = 2;
  w.event();
  w.run(60s);
  EXPECT_EQ(w.memory.refresh->status, Refresh::Status::successful) << w.causes();
  for (const auto& i : w.facts.instances) EXPECT_EQ(i.version, 2u);
  EXPECT_EQ(in_pool(w), 2u);
}

TEST(WarmPool, WhatEndsInItIsReplaced) {
  TestWorld w = with_pool(1, {}, 2);
  for (auto& i : w.facts.instances) {
    if (!pooled(i.state)) continue;
    i.exited = true;
    i.launched = w.now() - 1h;
    i.in_service_since = w.now() - 1h;  // no young failure
  }
  w.event();
  w.run(5s);
  EXPECT_EQ(in_pool(w), 1u) << w.causes();
}

}  // namespace
}  // namespace weir::scale
