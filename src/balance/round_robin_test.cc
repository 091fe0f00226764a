#include <gtest/gtest.h>

#include "balance/test_group.h"

namespace weir::balance {
namespace {

TEST(RoundRobin, TakesEachInTurn) {
  TestGroup g(4, algorithm("round_robin"));

  const EndpointIndex first = *g.pick();
  for (EndpointIndex n = 1; n < 12; ++n) EXPECT_EQ(*g.pick(), (first + n) % 4);
}

TEST(RoundRobin, GivesTheNeighbourOfADeadEndpointNoDoubleShare) {
  TestGroup g(3, algorithm("round_robin"));
  g.load(1).health = Health::unhealthy;

  const auto counts = g.shares(1000);

  EXPECT_EQ(counts, (std::vector<int>{500, 0, 500}));
}

TEST(RoundRobin, StartsElsewhereOnEachWorker) {
  TestGroup g(100, algorithm("round_robin"));

  const EndpointIndex first = *g.pick();
  g.plan();

  EXPECT_NE(*g.pick(), first);
}

}  // namespace
}  // namespace weir::balance
