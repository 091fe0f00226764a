#include "base/hash.h"

#include <gtest/gtest.h>

#include <string>
#include <unordered_set>

namespace weir {
namespace {

// Published values of XXH3_64bits; a change would scatter every ring and stored hash.
TEST(Hash, IsXxh3AndStaysSo) {
  EXPECT_EQ(hash(""), 0x2d06800538d394c2u);
  EXPECT_EQ(hash("a"), 0xe6c632b61e964e1fu);
  EXPECT_EQ(hash("abc"), 0x78af5f94892f3950u);
}

TEST(Hash, DependsOnItsSeed) { EXPECT_NE(hash("weir", 1), hash("weir", 2)); }

TEST(HashMix, DependsOnTheOrder) { EXPECT_NE(hash_mix(1, 2), hash_mix(2, 1)); }

TEST(HashMix, KeepsSmallNumbersApart) {
  std::unordered_set<std::uint64_t> seen;

  for (std::uint64_t a = 0; a < 300; ++a) {
    for (std::uint64_t b = 0; b < 300; ++b) seen.insert(hash_mix(a, b));
  }

  EXPECT_EQ(seen.size(), 90'000u);
}

}  // namespace
}  // namespace weir
