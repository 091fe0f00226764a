#include "base/siphash.h"

#include <gtest/gtest.h>

#include <string>

namespace weir {
namespace {

// The reference implementation's key 00 01 .. 0f and its messages 00, 00 01, 00 01 02, ...
constexpr SipKey kKey = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};

std::string counting(int length) {
  std::string text;
  for (int i = 0; i < length; ++i) text += static_cast<char>(i);
  return text;
}

TEST(Siphash, GivesTheValuesOfTheReference) {
  EXPECT_EQ(siphash(kKey, counting(0)), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(siphash(kKey, counting(1)), 0x74f839c593dc67fdu);
  EXPECT_EQ(siphash(kKey, counting(7)), 0xab0200f58b01d137u);
  EXPECT_EQ(siphash(kKey, counting(8)), 0x93f5f5799a932462u);
  EXPECT_EQ(siphash(kKey, counting(15)), 0xa129ca6149be45e5u);
  EXPECT_EQ(siphash(kKey, counting(63)), 0x958a324ceb064572u);
}

TEST(Siphash, DependsOnEachHalfOfTheKey) {
  EXPECT_NE(siphash({1, 2}, "x"), siphash({1, 3}, "x"));
  EXPECT_NE(siphash({1, 2}, "x"), siphash({2, 2}, "x"));
}

}  // namespace
}  // namespace weir
