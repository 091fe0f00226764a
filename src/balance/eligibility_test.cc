#include "balance/eligibility.h"

#include <gtest/gtest.h>

#include <array>

#include "balance/test_group.h"

namespace weir::balance {
namespace {

TEST(GroupView, TakesHealthyEndpointsOnly) {
  TestGroup g(3);
  g.load(0).health = Health::unhealthy;
  g.load(1).health = Health::starting;

  EXPECT_FALSE(g.view().eligible(0));
  EXPECT_FALSE(g.view().eligible(1));
  EXPECT_TRUE(g.view().eligible(2));
}

TEST(GroupView, IgnoresHealthAndEjectionInPanicButNotStartingOrDraining) {
  TestGroup g(4);
  g.load(0).health = Health::unhealthy;
  g.load(1).ejected_until = ns(g.clock.now() + 5s);
  g.load(2).health = Health::starting;
  g.load(3).draining = true;
  g.group.load->panic = true;

  EXPECT_TRUE(g.view().eligible(0));
  EXPECT_TRUE(g.view().eligible(1));
  EXPECT_FALSE(g.view().eligible(2));
  EXPECT_FALSE(g.view().eligible(3));
}

TEST(GroupView, TakesWhatWasNeverCheckedWhereChecksAreOff) {
  TestGroup g(2);
  g.group.options.health_check.enabled = false;
  g.load(0).health = Health::starting;
  g.load(1).health = Health::unhealthy;

  EXPECT_TRUE(g.view().eligible(0));
  EXPECT_TRUE(g.view().eligible(1));
}

TEST(GroupView, TakesAnEjectedEndpointBackWhenItsTimeIsOver) {
  TestGroup g(1);
  g.load(0).ejected_until = ns(g.clock.now() + 5s);

  EXPECT_FALSE(g.view().eligible(0));
  g.clock.advance(5s);
  EXPECT_TRUE(g.view().eligible(0));
}

TEST(GroupView, RefusesAnEndpointWithoutAFreeSlot) {
  TestGroup g(2);
  g.group.options.max_in_flight = 2;
  g.load(0).in_flight = 2;
  g.load(1).in_flight = 1;

  EXPECT_FALSE(g.view().eligible(0));
  EXPECT_TRUE(g.view().eligible(1));
  EXPECT_TRUE(g.view().available(0));
}

TEST(GroupView, RefusesWhatTheRequestTriedBefore) {
  TestGroup g(3);
  const std::array<EndpointId, 2> tried{g.endpoints[0]->id, g.endpoints[2]->id};

  const GroupView view = g.view(tried);

  EXPECT_FALSE(view.eligible(0));
  EXPECT_TRUE(view.eligible(1));
  EXPECT_FALSE(view.eligible(2));
}

TEST(SlowStart, LetsAShareThroughThatGrowsFromATenthToAll) {
  TestGroup g(2);
  g.group.options.slow_start = 100s;
  g.load(0).in_service_since = ns(g.clock.now());
  const auto share = [&] {
    int passed = 0;
    for (int n = 0; n < 10000; ++n) passed += g.view().eligible(0);
    return passed / 10000.0;
  };

  EXPECT_NEAR(share(), 0.10, 0.02);
  g.clock.advance(50s);
  EXPECT_NEAR(share(), 0.50, 0.02);
  EXPECT_NEAR(g.view().ramp(0), 0.50, 1e-9);
  g.clock.advance(50s);
  EXPECT_EQ(share(), 1.0);
  EXPECT_TRUE(g.view().eligible(1));  // in service for ever
}

TEST(SlowStart, DecidesOncePerView) {
  TestGroup g(1);
  g.group.options.slow_start = 100s;
  g.load(0).in_service_since = ns(g.clock.now());
  g.clock.advance(50s);

  for (int n = 0; n < 100; ++n) {
    const GroupView view = g.view();
    const bool first = view.eligible(0);
    for (int again = 0; again < 5; ++again) EXPECT_EQ(view.eligible(0), first);
  }
}

TEST(SlowStart, IsNoObstacleInTheUngatedView) {
  TestGroup g(1);
  g.group.options.slow_start = 100s;
  g.load(0).in_service_since = ns(g.clock.now());

  for (int n = 0; n < 100; ++n) EXPECT_TRUE(g.view().ungated().eligible(0));
}

}  // namespace
}  // namespace weir::balance
