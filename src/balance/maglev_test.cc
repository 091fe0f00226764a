#include <gtest/gtest.h>

#include <algorithm>

#include "balance/test_group.h"

namespace weir::balance {
namespace {

std::vector<std::uint64_t> homes(TestGroup& g, std::uint64_t keys) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t n = 0; n < keys; ++n) {
    all.push_back(g.group.endpoints[*g.pick(hash_mix(5, n))]->id.value);
  }
  return all;
}

TEST(Maglev, SharesEvenlyWithinAFewPercent) {
  TestGroup g(100, algorithm("maglev"));

  const auto counts = g.shares(1'000'000);

  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);  // 5 standard deviations
}

TEST(Maglev, FollowsTheWeights) {
  TestGroup g(3, algorithm("maglev"));
  g.endpoints[0]->weight = 1;
  g.endpoints[1]->weight = 3;
  g.endpoints[2]->weight = 6;

  const auto counts = g.shares(100000);

  EXPECT_NEAR(counts[0], 10000, 500);
  EXPECT_NEAR(counts[1], 30000, 800);
  EXPECT_NEAR(counts[2], 60000, 800);
}

TEST(Maglev, MovesFewKeysBesidesThoseOfAnEndpointThatIsRemoved) {
  TestGroup g(20, algorithm("maglev"));
  const auto before = homes(g, 20000);

  g.group.endpoints.erase(g.group.endpoints.begin() + 7);
  g.endpoints.erase(g.endpoints.begin() + 7);
  g.plan();
  const auto after = homes(g, 20000);

  int needless = 0;
  for (std::size_t n = 0; n < before.size(); ++n) {
    needless += before[n] != 8 && after[n] != before[n];
  }
  EXPECT_LT(needless, 20000 * 5 / 100);
}

TEST(Maglev, MovesNoOtherKeyWhenAnEndpointIsIllForAWhile) {
  TestGroup g(20, algorithm("maglev"));
  const auto before = homes(g, 20000);

  g.load(7).health = Health::unhealthy;
  const auto after = homes(g, 20000);

  for (std::size_t n = 0; n < before.size(); ++n) {
    if (before[n] == 8) continue;
    ASSERT_EQ(after[n], before[n]);
  }
}

TEST(Maglev, MakesTheSameTableOfAListInAnotherOrder) {
  TestGroup g(20, algorithm("maglev"));
  const auto before = homes(g, 5000);

  std::reverse(g.group.endpoints.begin(), g.group.endpoints.end());
  g.plan();

  EXPECT_EQ(homes(g, 5000), before);
}

TEST(Maglev, GivesAPlaceToEachEndpointOfAFleetLargerThanItsTable) {
  Algorithm options = algorithm("maglev");
  options.table = 11;
  TestGroup g(50, options);

  const auto counts = g.shares(20000);

  EXPECT_EQ(std::count(counts.begin(), counts.end(), 0), 0);
}

TEST(Maglev, RefusesATableThatIsNoPrime) {
  Algorithm options = algorithm("maglev");
  for (const std::uint32_t size : {0u, 1u, 4u, 65536u, 5'000'077u}) {
    options.table = size;
    EXPECT_FALSE(make_plan(options, {}, nullptr)) << size;
  }
}

}  // namespace
}  // namespace weir::balance
