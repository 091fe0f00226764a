#include "net/address.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "net/test_loop.h"

namespace weir::net {
namespace {

TEST(Address, ReadsAndPrintsEachKind) {
  for (const char* text : {"127.0.0.1:80", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:8080",
                           "[2001:db8::1]:1", "unix:/run/weir.sock"}) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address) << text << ": " << address.error().message;
    EXPECT_EQ(address->to_string(), text);
  }
  EXPECT_EQ(parse_address("127.0.0.1:80")->port(), 80);
  EXPECT_EQ(parse_address("127.0.0.1:80")->host(), "127.0.0.1");
  EXPECT_EQ(parse_address("[::1]:8080")->host(), "::1");
  EXPECT_EQ(parse_address("unix:/a")->host(), "/a");
  EXPECT_EQ(parse_address("unix:/a")->port(), 0);
  EXPECT_TRUE(parse_address("unix:/a")->is_unix());
}

TEST(Address, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "127.0.0.1",
                           ":80x",
                           "127.0.0.1:",
                           "127.0.0.1:65536",
                           "127.0.0.1:-1",
                           "127.0.0.1:+1",
                           "127.0.0.1: 1",
                           "127.0.0.1:80 ",
                           "localhost:80",
                           "::1:80",
                           "[::1]",
                           "[::1:80",
                           "::1]:80",
                           "[]:80",
                           "1.2.3:80",
                           "01.2.3.4:80",
                           "256.1.1.1:80",
                           "[::g]:80",
                           "[fe80::1%eth0]:80",
                           "unix:",
                           "http://1.2.3.4:80",
                           "1.2.3.4:80:90",
                           "[[::1]]:80"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
  EXPECT_FALSE(parse_address("unix:" + std::string(108, 'a')));
  EXPECT_TRUE(parse_address("unix:" + std::string(107, 'a')));
  EXPECT_FALSE(parse_address("unix:/a" + std::string("\0b", 2)));
}

TEST(Address, SplitsNamesFromPorts) {
  EXPECT_EQ(split_host_port("models.example:8080")->host, "models.example");
  EXPECT_EQ(split_host_port("models.example:8080")->port, 8080);
  EXPECT_EQ(split_host_port("[::1]:80")->host, "::1");
  for (const char* text : {"models.example", "models.example:", "models.example:http", ":", ":80",
                           "a:99999", "::1:80", "[]:80"}) {
    EXPECT_FALSE(split_host_port(text)) << text;
  }
}

TEST(Address, GivesIpv4AsAMappedIp) {
  std::uint8_t ip[16];
  parse_address("10.1.2.3:80")->ip(ip);
  const std::uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3};
  EXPECT_EQ(std::memcmp(ip, mapped, 16), 0);
  const std::uint8_t none[16] = {};
  parse_address("unix:/a")->ip(ip);
  EXPECT_EQ(std::memcmp(ip, none, 16), 0);
}

TEST(Address, TakesAnotherPort) {
  Address v4 = *parse_address("10.1.2.3:80"), v6 = *parse_address("[::1]:80");
  v4.set_port(81);
  v6.set_port(82);

  EXPECT_EQ(v4.to_string(), "10.1.2.3:81");
  EXPECT_EQ(v6.to_string(), "[::1]:82");
}

TEST(Address, KnowsBothEndsOfAConnection) {
  const auto [client, server] = tcp_pair();

  EXPECT_EQ(local_address(client.get()).to_string(), peer_address(server.get()).to_string());
  EXPECT_EQ(local_address(server.get()).to_string(), peer_address(client.get()).to_string());
  EXPECT_EQ(local_address(-1).length(), 0u);
  EXPECT_EQ(peer_address(-1).to_string(), ":0");
}

}  // namespace
}  // namespace weir::net
