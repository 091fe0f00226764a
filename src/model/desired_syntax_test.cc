#include "model/desired_syntax.h"

#include <gtest/gtest.h>

namespace weir::syntax {
namespace {

TEST(Syntax, AcceptsAddressesToBindAndToConnectTo) {
  for (const char* text :
       {"0.0.0.0:8080", "127.0.0.1:0", "[::]:80", "[2001:db8::1]:65535", "unix:/run/weir.sock"}) {
    EXPECT_FALSE(bind_address(text)) << text;
    EXPECT_FALSE(endpoint_address(text)) << text;
  }
  for (const char* text : {"localhost:1", "a.b-c.example:80", "model_server:80", "a.:1"}) {
    EXPECT_FALSE(endpoint_address(text)) << text;
    EXPECT_TRUE(bind_address(text)) << text;
  }
}

TEST(Syntax, RefusesWhatIsNoAddress) {
  for (const char* text : {"x",           ":",
                           "::",          ":80",
                           "80",          "a:",
                           "a:b",         "a:-1",
                           "a:65536",     "a:99999999999",
                           "a b:80",      "a:80/x",
                           "/run/x",      "unix:",
                           "unix:x",      "unix:/x/",
                           "[::1]",       "[::1]:",
                           "[x]:80",      "[1.2.3.4]:80",
                           "1.2.3:80",    "256.1.1.1:80",
                           "-a:80",       "a..b:80",
                           "http://a:80", "a:80 "}) {
    EXPECT_TRUE(endpoint_address(text)) << text;
    EXPECT_TRUE(bind_address(text)) << text;
    EXPECT_EQ(split_address(text), std::nullopt) << text;
  }
}

TEST(Syntax, SplitsAddresses) {
  EXPECT_EQ(split_address("[::1]:80"), (Address{"::1", 80, "", true}));
  EXPECT_EQ(split_address("host:80"), (Address{"host", 80, "", false}));
  EXPECT_EQ(split_address("unix:/a"), (Address{"", 0, "/a", false}));
}

TEST(Syntax, FindsBindsThatOverlap) {
  const auto both = [](const char* a, const char* b) {
    return overlap(*split_address(a), *split_address(b));
  };
  EXPECT_TRUE(both("127.0.0.1:80", "127.0.0.1:80"));
  EXPECT_TRUE(both("0.0.0.0:80", "127.0.0.1:80"));
  EXPECT_TRUE(both("[::1]:80", "[::]:80"));
  EXPECT_TRUE(both("[::1]:80", "[0:0::1]:80"));
  EXPECT_TRUE(both("unix:/a", "unix:/a"));
  EXPECT_FALSE(both("0.0.0.0:80", "[::]:80"));
  EXPECT_FALSE(both("127.0.0.1:80", "127.0.0.2:80"));
  EXPECT_FALSE(both("127.0.0.1:80", "127.0.0.1:81"));
  EXPECT_FALSE(both("127.0.0.1:0", "127.0.0.1:0"));
  EXPECT_FALSE(both("unix:/a", "127.0.0.1:80"));
}

TEST(Syntax, KnowsLoopback) {
  EXPECT_TRUE(is_loopback(*split_address("127.8.0.1:80")));
  EXPECT_TRUE(is_loopback(*split_address("[::1]:80")));
  EXPECT_TRUE(is_loopback(*split_address("unix:/a")));
  EXPECT_FALSE(is_loopback(*split_address("0.0.0.0:80")));
  EXPECT_FALSE(is_loopback(*split_address("[::]:80")));
}

TEST(Syntax, JudgesConditions) {
  for (const char* text : {"a.example", "*.example", "*", "h?st", "[::1]", "xn--a.example"}) {
    EXPECT_FALSE(host_pattern(text)) << text;
  }
  for (const char* text : {"/", "/*", "*", "*.php", "/v?/x", "/a%20b"}) {
    EXPECT_FALSE(path_pattern(text)) << text;
  }
  for (const char* text : {"0.0.0.0/0", "::/0", "10.0.0.0/8", "10.1.2.3", "::1", "2001:db8::/32"}) {
    EXPECT_FALSE(source_block(text)) << text;
  }
  for (const char* text : {"10.0.0.0/33", "10.0.0/8", "x", "10.0.0.1/8", "::1/64", "/8"}) {
    EXPECT_TRUE(source_block(text)) << text;
  }
  EXPECT_FALSE(method("PURGE"));
  EXPECT_TRUE(method("GET POST"));
}

TEST(Syntax, JudgesHealthCodes) {
  for (const char* text : {"200", "100-599", "200-200"}) EXPECT_FALSE(health_code(text)) << text;
  for (const char* text : {"2xx", "200-", "-200", "99", "600", "200-600", "300-200", "200, 201"}) {
    EXPECT_TRUE(health_code(text)) << text;
  }
}

TEST(Syntax, JudgesHashKeys) {
  for (const char* text : {"path", "source", "header:X-User", "cookie:id"}) {
    EXPECT_FALSE(hash_key(text)) << text;
  }
  for (const char* text : {"header", "header:", "header:a b", "Path", "query:x"}) {
    EXPECT_TRUE(hash_key(text)) << text;
  }
}

TEST(Syntax, SplitsPortRanges) {
  EXPECT_EQ(split_ports("1024-65535"), (PortRange{1024, 65535}));
  EXPECT_EQ(split_ports("2000-2000")->size(), 1u);
  for (const char* text : {"", "1", "1-2", "2000", "3000-2000", "2000-70000", "a-b", "2000-"}) {
    EXPECT_EQ(split_ports(text), std::nullopt) << text;
  }
}

TEST(Syntax, KnowsPrimes) {
  EXPECT_TRUE(is_prime(2));
  EXPECT_TRUE(is_prime(65537));
  EXPECT_FALSE(is_prime(0));
  EXPECT_FALSE(is_prime(1));
  EXPECT_FALSE(is_prime(65536));
  EXPECT_FALSE(is_prime(65025));
  EXPECT_EQ(next_prime(65536), 65537u);
}

}  // namespace
}  // namespace weir::syntax
