#include <gtest/gtest.h>

#include <map>
#include <string>

#include "balance/test_group.h"

namespace weir::balance {
namespace {

TEST(WeightedRoundRobin, InterleavesInProportionToTheWeights) {
  TestGroup g(3, algorithm("weighted_round_robin"));
  g.endpoints[0]->weight = 5;
  for (int n = 0; n < 7; ++n) g.pick();  // any start is forgotten after a round

  std::string turns;
  for (int n = 0; n < 14; ++n) turns += static_cast<char>('a' + *g.pick());

  EXPECT_EQ(std::count(turns.begin(), turns.end(), 'a'), 10) << turns;
  EXPECT_EQ(std::count(turns.begin(), turns.end(), 'b'), 2) << turns;
  EXPECT_EQ(std::count(turns.begin(), turns.end(), 'c'), 2) << turns;
  EXPECT_EQ(turns.find("aaaaa"), turns.npos) << turns;
}

TEST(WeightedRoundRobin, KeepsEveryWindowOfARoundWithinOneOfItsShare) {
  TestGroup g(4, algorithm("weighted_round_robin"));
  const std::vector<std::uint32_t> weights{1, 2, 3, 4};
  for (std::size_t i = 0; i < 4; ++i) g.endpoints[i]->weight = weights[i];
  for (int n = 0; n < 10; ++n) g.pick();

  for (int round = 0; round < 20; ++round) {
    std::map<EndpointIndex, int> seen;
    for (int n = 0; n < 10; ++n) ++seen[*g.pick()];
    for (EndpointIndex i = 0; i < 4; ++i) EXPECT_NEAR(seen[i], static_cast<int>(weights[i]), 1);
  }
}

TEST(WeightedRoundRobin, KeepsTheProportionsOfThoseThatAreLeft) {
  TestGroup g(3, algorithm("weighted_round_robin"));
  g.endpoints[0]->weight = 7;
  g.endpoints[1]->weight = 3;
  g.endpoints[2]->weight = 90;
  g.load(2).health = Health::unhealthy;

  const auto counts = g.shares(1000);

  EXPECT_NEAR(counts[0], 700, 12);
  EXPECT_NEAR(counts[1], 300, 12);
}

TEST(WeightedRoundRobin, StartsElsewhereOnEachWorker) {
  TestGroup g(100, algorithm("weighted_round_robin"));

  const EndpointIndex first = *g.pick();
  g.plan();

  EXPECT_NE(*g.pick(), first);
}

}  // namespace
}  // namespace weir::balance
