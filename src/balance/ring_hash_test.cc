#include <gtest/gtest.h>

#include <cmath>

#include "balance/test_group.h"

namespace weir::balance {
namespace {

Algorithm ring(double balance_factor) {
  Algorithm options = algorithm("ring_hash");
  options.balance_factor = balance_factor;
  return options;
}

std::vector<EndpointIndex> homes(TestGroup& g, std::uint64_t keys) {
  std::vector<EndpointIndex> all;
  for (std::uint64_t n = 0; n < keys; ++n) all.push_back(*g.pick(hash_mix(5, n)));
  return all;
}

TEST(RingHash, SendsAKeyToTheSameEndpoint) {
  TestGroup g(20, ring(0));
  EXPECT_EQ(homes(g, 1000), homes(g, 1000));
}

TEST(RingHash, FollowsTheWeights) {
  TestGroup g(3, ring(0));
  g.endpoints[0]->weight = 4;

  const auto counts = g.shares(60000);

  EXPECT_NEAR(counts[0], 40000, 3000);
}

TEST(RingHash, MovesOnlyTheKeysOfAnEndpointThatLeaves) {
  TestGroup g(10, ring(0));
  const auto before = homes(g, 20000);

  g.load(4).health = Health::unhealthy;
  const auto after = homes(g, 20000);

  for (std::size_t n = 0; n < before.size(); ++n) {
    if (before[n] == 4) continue;
    ASSERT_EQ(after[n], before[n]);
  }
}

TEST(RingHash, MovesOnlyTheShareOfAnEndpointThatComes) {
  TestGroup g(10, ring(0));
  const auto before = homes(g, 20000);

  g.add();
  g.plan();
  const auto after = homes(g, 20000);

  int moved = 0;
  for (std::size_t n = 0; n < before.size(); ++n) {
    if (after[n] == before[n]) continue;
    ++moved;
    ASSERT_EQ(after[n], 10u);
  }
  EXPECT_NEAR(moved, 20000 / 11, 500);
}

TEST(RingHash, KeepsEveryEndpointWithinTheBalanceFactor) {
  TestGroup g(10, ring(1.25));

  for (int n = 0; n < 1000; ++n) g.start(hash_mix(6, g.random.below(3)));  // three hot keys

  for (std::size_t i = 0; i < 10; ++i) EXPECT_LE(g.load(i).in_flight, std::ceil(1.25 * 1000 / 10));
}

TEST(RingHash, KeepsWithinTheBalanceFactorOfThoseThatAreLeft) {
  TestGroup g(10, ring(1.25));
  for (std::size_t i = 0; i < 5; ++i) g.load(i).health = Health::unhealthy;

  for (int n = 0; n < 1000; ++n) g.start(hash_mix(6, 1));  // one hot key

  for (std::size_t i = 5; i < 10; ++i) EXPECT_LE(g.load(i).in_flight, std::ceil(1.25 * 1000 / 5));
}

TEST(RingHash, WithoutABoundSendsAHotKeyToOneEndpoint) {
  TestGroup g(10, ring(0));
  const EndpointIndex home = *g.start(77);
  for (int n = 0; n < 100; ++n) EXPECT_EQ(g.start(77), home);
}

TEST(RingHash, StaysAtHomeWhileThereIsRoom) {
  TestGroup g(10, ring(1.25));
  const EndpointIndex home = *g.pick(77);
  for (std::size_t i = 0; i < 10; ++i) g.load(i).in_flight = 10;
  g.group.load->in_flight = 100;

  EXPECT_EQ(g.pick(77), home);
  g.load(home).in_flight = 13;  // ceil(1.25 * 101 / 10)
  EXPECT_NE(g.pick(77), home);
}

TEST(RingHash, HoldsALargeGroupToItsMostPoints) {
  TestGroup g(3000, ring(0));
  for (auto& endpoint : g.endpoints) endpoint->weight = 1000;

  const auto counts = g.shares(300000);

  EXPECT_LT(*std::max_element(counts.begin(), counts.end()), 300);
}

TEST(RingHash, RefusesBadOptions) {
  EXPECT_FALSE(make_plan(ring(0.5), {}, nullptr));
  EXPECT_FALSE(make_plan(ring(-1), {}, nullptr));
  EXPECT_FALSE(make_plan(ring(std::nan("")), {}, nullptr));
  Algorithm none = ring(0);
  none.points = 0;
  EXPECT_FALSE(make_plan(none, {}, nullptr));
  Algorithm key = ring(0);
  key.key = "user";
  EXPECT_EQ(make_plan(key, {}, nullptr).error().message,
            "key 'user' must be header:NAME, cookie:NAME, path, source or flow");
}

}  // namespace
}  // namespace weir::balance
