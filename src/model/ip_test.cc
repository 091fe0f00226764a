#include "model/ip.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Ip, ReadsBothFamiliesAndPrintsThemBack) {
  for (const char* text :
       {"127.0.0.1", "0.0.0.0", "255.255.255.255", "::1", "2001:db8::17", "fe80::1:2:3:4"}) {
    auto ip = parse_ip(text);
    ASSERT_TRUE(ip) << text;
    EXPECT_EQ(to_string(*ip), text);
  }
  EXPECT_TRUE(parse_ip("10.0.0.1")->is_v4());
  EXPECT_FALSE(parse_ip("::1")->is_v4());
}

TEST(Ip, IsTheSameForAMappedAddressAndItsIpv4Form) {
  EXPECT_EQ(*parse_ip("::ffff:10.1.2.3"), *parse_ip("10.1.2.3"));
}

TEST(Ip, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "[::1]",
                           "fe80::1%eth0", "::1::", "localhost", " 1.2.3.4", "127.0.0.1:80"}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
  EXPECT_FALSE(parse_ip(std::string_view("1.2.3.4\0", 8)));
}

TEST(Ip, PrintsNothingForNone) { EXPECT_EQ(to_string(Ip{}), ""); }

TEST(Cidr, ContainsItsBlockAndNothingElse) {
  const Cidr block = *parse_cidr("10.1.128.0/17");

  EXPECT_TRUE(block.contains(*parse_ip("10.1.128.0")));
  EXPECT_TRUE(block.contains(*parse_ip("10.1.255.255")));
  EXPECT_FALSE(block.contains(*parse_ip("10.1.127.255")));
  EXPECT_FALSE(block.contains(*parse_ip("10.2.128.0")));
  EXPECT_FALSE(block.contains(*parse_ip("::1")));
}

TEST(Cidr, OfZeroBitsContainsItsOwnFamilyOnly) {
  EXPECT_TRUE(parse_cidr("0.0.0.0/0")->contains(*parse_ip("8.8.8.8")));
  EXPECT_FALSE(parse_cidr("0.0.0.0/0")->contains(*parse_ip("2001:db8::1")));
  EXPECT_TRUE(parse_cidr("::/0")->contains(*parse_ip("2001:db8::1")));
  EXPECT_FALSE(parse_cidr("::/0")->contains(*parse_ip("8.8.8.8")));
}

TEST(Cidr, NeverContainsThePeerOfAUnixSocket) {
  EXPECT_FALSE(parse_cidr("::/0")->contains(Ip{}));
  EXPECT_FALSE(parse_cidr("0.0.0.0/0")->contains(Ip{}));
}

TEST(Cidr, WithoutALengthIsASingleAddress) {
  EXPECT_TRUE(parse_cidr("10.0.0.1")->contains(*parse_ip("10.0.0.1")));
  EXPECT_FALSE(parse_cidr("10.0.0.1")->contains(*parse_ip("10.0.0.0")));
  EXPECT_TRUE(parse_cidr("::1")->contains(*parse_ip("::1")));
}

TEST(Cidr, DropsTheBitsBehindItsLength) {
  EXPECT_EQ(to_string(*parse_cidr("10.1.2.3/8")), "10.0.0.0/8");
  EXPECT_EQ(to_string(*parse_cidr("2001:db8:ffff::1/35")), "2001:db8:e000::/35");
  EXPECT_EQ(to_string(*parse_cidr("::/0")), "::/0");
  EXPECT_EQ(to_string(*parse_cidr("192.168.0.1/32")), "192.168.0.1/32");
}

TEST(Cidr, RefusesBadLengths) {
  for (const char* text : {"10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/8x",
                           "10.0.0.0/-1", "/8", "10.0.0/8"}) {
    EXPECT_FALSE(parse_cidr(text)) << text;
  }
}

}  // namespace
}  // namespace weir
