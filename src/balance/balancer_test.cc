// The contract of Balancer, over every algorithm by name: a new one is tested by its row.
#include "balance/balancer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "balance/test_group.h"

namespace weir::balance {
namespace {

class Contract : public testing::TestWithParam<std::string_view> {
 protected:
  TestGroup make(std::size_t size, std::uint64_t seed = 1) {
    return TestGroup(size, algorithm(GetParam()), seed);
  }
};

INSTANTIATE_TEST_SUITE_P(Algorithms, Contract, testing::ValuesIn(algorithm_names()),
                         [](const auto& row) { return std::string(row.param); });

TEST_P(Contract, HasNothingToOfferWhenTheGroupIsEmpty) {
  TestGroup g = make(0);
  EXPECT_EQ(g.pick(), std::nullopt);
}

TEST_P(Contract, HasNothingToOfferWhenNoneIsEligible) {
  for (const std::size_t size : {1, 7, 100, 1000}) {
    TestGroup g = make(size);
    for (std::size_t i = 0; i < size; ++i) g.load(i).health = Health::unhealthy;

    for (std::uint64_t key = 0; key < 20; ++key) EXPECT_EQ(g.pick(hash_mix(1, key)), std::nullopt);
  }
}

TEST_P(Contract, PicksTheOnlyEndpoint) {
  TestGroup g = make(1);
  for (std::uint64_t key = 0; key < 10; ++key) EXPECT_EQ(g.pick(hash_mix(1, key)), 0u);
}

TEST_P(Contract, NeverPicksWhatIsNotEligible) {
  for (const std::size_t size : {2, 10, 200}) {
    TestGroup g = make(size);
    g.group.options.max_in_flight = 3;
    for (int n = 0; n < 2000; ++n) {
      Load& changed = g.load(g.random.below(size));
      switch (g.random.below(5)) {
        case 0:
          changed.health = Health::unhealthy;
          break;
        case 1:
          changed.draining = true;
          break;
        case 2:
          changed.in_flight = 3;
          break;
        case 3:
          changed.ejected_until = ns(g.clock.now() + 10s);
          break;
        case 4:
          changed.health = Health::healthy;
          changed.draining = false;
          changed.in_flight = 0;
          changed.ejected_until = 0;
          break;
      }
      g.clock.advance(1ms);
      const std::array<EndpointId, 1> tried{g.endpoints[g.random.below(size)]->id};
      const GroupView view = g.view(tried);
      bool any = false;
      for (EndpointIndex i = 0; i < size; ++i) any = any || view.eligible(i);

      const auto picked = g.balancer().pick(Ask{g.random()}, view);

      ASSERT_EQ(picked.has_value(), any);
      if (picked) {
        ASSERT_LT(*picked, size);
        ASSERT_TRUE(view.eligible(*picked));
      }
    }
  }
}

TEST_P(Contract, FindsTheOneEligibleAmongMany) {
  TestGroup g = make(1000);
  for (std::size_t i = 0; i < 1000; ++i) g.load(i).health = Health::unhealthy;
  for (const EndpointIndex only : {0u, 1u, 499u, 998u, 999u}) {
    g.load(only).health = Health::healthy;
    g.clock.advance(1s);

    for (std::uint64_t key = 0; key < 20; ++key) ASSERT_EQ(g.pick(hash_mix(2, key)), only);
    g.load(only).health = Health::unhealthy;
  }
}

TEST_P(Contract, ReachesEveryEndpointInTime) {
  for (const std::size_t size : {2, 5, 64, 65, 200}) {
    TestGroup g = make(size);

    const auto counts = g.shares(static_cast<int>(size) * 100);

    EXPECT_EQ(std::count(counts.begin(), counts.end(), 0), 0) << size;
  }
}

TEST_P(Contract, GivesEqualEndpointsEqualShares) {
  TestGroup g = make(8);

  const auto counts = g.shares(80000);

  for (const int count : counts) EXPECT_NEAR(count, 10000, 2000);
}

TEST_P(Contract, SpreadsTheShareOfALostEndpoint) {
  TestGroup g = make(6);
  g.load(2).health = Health::unhealthy;

  const auto counts = g.shares(50000);

  EXPECT_EQ(counts[2], 0);
  for (const std::size_t i : {0, 1, 3, 4, 5}) EXPECT_NEAR(counts[i], 10000, 2500) << i;
}

TEST_P(Contract, RepeatsItselfForASeed) {
  std::vector<std::optional<EndpointIndex>> runs[2];
  for (auto& run : runs) {
    TestGroup g = make(100, 42);
    for (std::uint64_t n = 0; n < 500; ++n) {
      run.push_back(g.start(hash_mix(3, n)));
      g.clock.advance(1ms);
    }
  }
  EXPECT_EQ(runs[0], runs[1]);
}

TEST_P(Contract, PicksWhatIsInSlowStartWhenThatIsAllThereIs) {
  TestGroup g = make(3);
  g.group.options.slow_start = 100s;
  for (std::size_t i = 0; i < 3; ++i) g.load(i).in_service_since = ns(g.clock.now());

  for (std::uint64_t key = 0; key < 200; ++key) ASSERT_TRUE(g.pick(hash_mix(4, key)));
}

TEST_P(Contract, GivesAnEndpointInSlowStartLess) {
  TestGroup g = make(4);
  g.group.options.slow_start = 100s;
  g.load(0).in_service_since = ns(g.clock.now());

  const auto counts = g.shares(8000);

  EXPECT_LT(counts[0], 900);  // full share: 2000
}

TEST_P(Contract, TakesEventsOfAnyRequestAtAnyTime) {
  TestGroup g = make(5);
  std::vector<EndpointIndex> open;
  for (int n = 0; n < 5000; ++n) {
    g.clock.advance(Duration(g.random.below(50'000'000)));
    if (open.empty() || g.random.below(2) == 0) {
      if (const auto i = g.start(g.random())) open.push_back(*i);
    } else {
      const std::size_t at = g.random.below(open.size());
      const EndpointIndex i = open[at];
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
      if (g.random.below(2)) g.balancer().first_byte(*g.endpoints[i], g.clock.now());
      if (g.random.below(2)) g.balancer().progress(*g.endpoints[i], g.clock.now());
      const auto kind = static_cast<Outcome::Kind>(g.random.below(3));
      g.finish(i, {kind, Duration(g.random.below(1'000'000'000))});
    }
  }
  EXPECT_TRUE(g.pick(7));
}

TEST_P(Contract, OutlivesItsPlan) {
  TestGroup g = make(10);
  auto made = make_plan(g.group.options.algorithm, g.group.endpoints, nullptr);
  auto balancer = (*made)->balancer(g.random);
  made->reset();

  EXPECT_TRUE(balancer->pick(Ask{5}, g.view()));
}

TEST(MakePlan, NamesTheAlgorithmItDoesNotKnow) {
  const auto made = make_plan(algorithm("lotery"), {}, nullptr);
  EXPECT_EQ(made.error().message, "unknown balancing algorithm 'lotery'");
}

TEST(AlgorithmNames, AreSorted) {
  const auto names = algorithm_names();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_NE(std::find(names.begin(), names.end(), Algorithm{}.name), names.end());
}

}  // namespace
}  // namespace weir::balance
