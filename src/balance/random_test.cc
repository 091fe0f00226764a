#include <gtest/gtest.h>

#include "balance/test_group.h"

namespace weir::balance {
namespace {

TEST(RandomChoice, FollowsTheWeights) {
  TestGroup g(4, algorithm("random"));
  for (std::uint32_t i = 0; i < 4; ++i) g.endpoints[i]->weight = i + 1;

  const auto counts = g.shares(100000);

  for (int i = 0; i < 4; ++i)
    EXPECT_NEAR(counts[static_cast<std::size_t>(i)], (i + 1) * 10000, 500);
}

TEST(RandomChoice, FollowsTheWeightsOfThoseThatAreLeftToo) {
  TestGroup g(100, algorithm("random"));
  for (std::size_t i = 2; i < 100; ++i) g.load(i).health = Health::unhealthy;
  g.endpoints[0]->weight = 3;

  const auto counts = g.shares(40000);

  EXPECT_NEAR(counts[0], 30000, 500);
  EXPECT_NEAR(counts[1], 10000, 500);
}

}  // namespace
}  // namespace weir::balance
