#include <gtest/gtest.h>

#include <set>

#include "balance/candidates.h"
#include "balance/test_group.h"

namespace weir::balance {
namespace {

TEST(LeastRequest, PrefersTheIdleEndpoint) {
  TestGroup g(64, algorithm("least_request"));
  for (std::size_t i = 0; i < 64; ++i) g.load(i).in_flight = 1;
  g.load(37).in_flight = 0;

  for (int n = 0; n < 100; ++n) EXPECT_EQ(g.pick(), 37u);
}

TEST(LeastRequest, BreaksTiesAtRandomAndEvenly) {
  TestGroup g(5, algorithm("least_request"));
  g.load(0).in_flight = 1;

  const auto counts = g.shares(40000);

  EXPECT_EQ(counts[0], 0);
  for (std::size_t i = 1; i < 5; ++i) EXPECT_NEAR(counts[i], 10000, 500);
}

TEST(LeastRequest, DividesByTheWeight) {
  TestGroup g(2, algorithm("least_request"));
  g.endpoints[0]->weight = 3;

  for (int n = 0; n < 400; ++n) g.start();

  EXPECT_NEAR(g.load(0).in_flight.load(), 300, 2);
}

TEST(LeastRequest, FillsEveryEndpointOfALargeGroupAlike) {
  TestGroup g(500, algorithm("least_request"));

  for (int n = 0; n < 5000; ++n) g.start();

  std::uint32_t most = 0;
  for (std::size_t i = 0; i < 500; ++i) most = std::max(most, g.load(i).in_flight.load());
  EXPECT_LE(most, 11u);  // 10 each; at random it would be about 20
}

TEST(LeastRequest, HoldsAnEndpointInSlowStartToItsShareUnderLoad) {
  TestGroup g(100, algorithm("least_request"));
  g.group.options.slow_start = 100s;
  g.load(7).in_service_since = ns(g.clock.now());
  g.clock.advance(20s);

  for (int n = 0; n < 100 * 50; ++n) g.start();

  EXPECT_NEAR(g.load(7).in_flight.load(), 10, 2);  // a fifth of the 50 of the others
}

TEST(Candidates, OfALargeGroupAreDistinctAndReachAll) {
  for (const std::size_t size : {65, 100, 128, 997, 1000, 4096}) {
    TestGroup g(size, algorithm("least_request"));
    std::set<EndpointIndex> ever;
    for (std::size_t n = 0; n < size; ++n) {
      std::set<EndpointIndex> seen;
      int visits = 0;
      for_each_candidate(g.view(), g.random, [&](EndpointIndex i) {
        seen.insert(i);
        ++visits;
      });
      ASSERT_EQ(visits, static_cast<int>(kSample));
      ASSERT_EQ(seen.size(), kSample);
      ever.insert(seen.begin(), seen.end());
    }
    EXPECT_EQ(ever.size(), size);
  }
}

TEST(Candidates, AreAllThatThereAreWhenFewAreEligible) {
  TestGroup g(1000, algorithm("least_request"));
  for (std::size_t i = 0; i < 1000; ++i) {
    if (i % 100 != 3) g.load(i).health = Health::unhealthy;
  }
  std::set<EndpointIndex> seen;

  for_each_candidate(g.view(), g.random, [&](EndpointIndex i) { seen.insert(i); });

  EXPECT_EQ(seen.size(), 10u);
}

}  // namespace
}  // namespace weir::balance
