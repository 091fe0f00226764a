#include "simulate/prefix_cache.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir::simulate {
namespace {

using Blocks = std::vector<std::uint64_t>;

TEST(PrefixCache, KnowsTheBeginThatAnInputSharesWithEarlierOnes) {
  PrefixCache cache(10);

  EXPECT_EQ(cache.take(Blocks{1, 2, 3}), 0u);
  EXPECT_EQ(cache.take(Blocks{1, 2, 4}), 2u);
  EXPECT_EQ(cache.take(Blocks{5, 2, 3}), 0u);  // what follows another begin is another thing
  EXPECT_EQ(cache.take(Blocks{1, 2, 3}), 3u);
}

TEST(PrefixCache, LosesWhatWasUsedLongestAgoAndTheEndsOfInputsFirst) {
  PrefixCache cache(4);
  cache.take(Blocks{1, 2});
  cache.take(Blocks{3, 4});
  cache.take(Blocks{5});

  EXPECT_EQ(cache.size(), 4u);
  EXPECT_EQ(PrefixCache(cache).take(Blocks{3, 4}), 2u);
  EXPECT_EQ(cache.take(Blocks{1, 2}), 1u);
}

TEST(PrefixCache, OfNoCapacityHoldsNothing) {
  PrefixCache cache(0);
  cache.take(Blocks{1});
  EXPECT_EQ(cache.take(Blocks{1}), 0u);
}

}  // namespace
}  // namespace weir::simulate
