#include "route/access.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace weir::route {
namespace {

Ip ip(std::string_view text) { return parse_ip(text).value(); }

AccessList list(Names allow, Names deny) {
  Access access;
  access.allow = std::move(allow);
  access.deny = std::move(deny);
  return AccessList(access);
}

TEST(AccessList, LetsEverybodyInWhenItIsEmpty) {
  EXPECT_TRUE(AccessList().open());
  EXPECT_TRUE(AccessList().admits(ip("192.0.2.1")));
  EXPECT_TRUE(list({}, {}).open());
}

TEST(AccessList, KeepsOthersOutWhenSomeAreAllowed) {
  const AccessList some = list({"10.0.0.0/8", "2001:db8::/32"}, {});

  EXPECT_TRUE(some.admits(ip("10.255.255.255")));
  EXPECT_FALSE(some.admits(ip("11.0.0.0")));
  EXPECT_FALSE(some.admits(ip("9.255.255.255")));
  EXPECT_TRUE(some.admits(ip("2001:db8::1")));
  EXPECT_FALSE(some.admits(ip("2001:db9::")));
  EXPECT_FALSE(some.open());
}

TEST(AccessList, LetsOthersInWhenSomeAreDenied) {
  const AccessList some = list({}, {"192.0.2.0/24", "::1"});

  EXPECT_FALSE(some.admits(ip("192.0.2.0")));
  EXPECT_FALSE(some.admits(ip("192.0.2.255")));
  EXPECT_TRUE(some.admits(ip("192.0.3.0")));
  EXPECT_FALSE(some.admits(ip("::1")));
  EXPECT_TRUE(some.admits(ip("::2")));
}

TEST(AccessList, AsksTheSmallestBlock) {
  const AccessList nested = list({"10.0.0.0/8", "10.6.6.7"}, {"10.6.0.0/16", "10.6.6.128/25"});

  EXPECT_TRUE(nested.admits(ip("10.5.255.255")));
  EXPECT_FALSE(nested.admits(ip("10.6.0.0")));
  EXPECT_TRUE(nested.admits(ip("10.6.6.7")));
  EXPECT_FALSE(nested.admits(ip("10.6.6.8")));
  EXPECT_FALSE(nested.admits(ip("10.6.255.255")));
  EXPECT_TRUE(nested.admits(ip("10.7.0.0")));
  EXPECT_FALSE(nested.admits(ip("11.0.0.0")));
}

TEST(AccessList, DeniesWhatBothName) {
  EXPECT_FALSE(list({"10.0.0.0/8"}, {"10.0.0.0/8"}).admits(ip("10.1.2.3")));
}

TEST(AccessList, KnowsTheEndsOfTheSpace) {
  const AccessList ends = list({"0.0.0.0/0", "::/0"}, {"255.255.255.255", "0.0.0.0", "ffff::/16"});

  EXPECT_FALSE(ends.admits(ip("255.255.255.255")));
  EXPECT_FALSE(ends.admits(ip("0.0.0.0")));
  EXPECT_TRUE(ends.admits(ip("255.255.255.254")));
  EXPECT_TRUE(ends.admits(ip("0.0.0.1")));
  EXPECT_FALSE(ends.admits(ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")));
  EXPECT_TRUE(ends.admits(ip("fffe::1")));
}

TEST(AccessList, TellsAllOfIpv6FromIpv4) {
  EXPECT_FALSE(list({"::/0"}, {}).admits(ip("10.0.0.1")));
  EXPECT_FALSE(list({"0.0.0.0/0"}, {}).admits(ip("2001:db8::1")));
}

TEST(AccessList, LetsClientsWithoutAnAddressIn) {
  EXPECT_TRUE(list({"10.0.0.0/8"}, {}).admits(Ip{}));
  EXPECT_TRUE(list({}, {"0.0.0.0/0", "::/0"}).admits(Ip{}));
}

TEST(AccessList, OfAnEmptyFileAllowsNobody) {
  Access access;
  access.allow_file = "/etc/weir/allowed";
  EXPECT_FALSE(AccessList(access).admits(ip("10.0.0.1")));
}

// The same as asking each block.
TEST(AccessList, AgreesWithALookAtEachBlock) {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    Access access;
    std::vector<std::pair<Cidr, bool>> blocks;
    const int count = 1 + static_cast<int>(random.below(12));
    for (int i = 0; i < count; ++i) {
      const std::string text = "10.0.0." + std::to_string(random.below(256)) + "/" +
                               std::to_string(24 + random.below(9));
      const bool allow = random.below(2) == 0;
      (allow ? access.allow : access.deny).push_back(text);
      blocks.emplace_back(parse_cidr(text).value(), allow);
    }
    const AccessList made(access);
    for (int last = 0; last < 256; ++last) {
      const Ip address = ip("10.0.0." + std::to_string(last));
      int best = -1;
      bool want = access.allow.empty();
      for (const auto& [block, allow] : blocks) {
        if (!block.contains(address) || block.bits < best) continue;
        want = block.bits == best ? want && allow : allow;
        best = block.bits;
      }
      ASSERT_EQ(made.admits(address), want) << round << " 10.0.0." << last;
    }
  }
}

}  // namespace
}  // namespace weir::route
