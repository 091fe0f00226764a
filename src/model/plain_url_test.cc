#include "model/plain_url.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(PlainUrl, HasHostPortAndPath) {
  const auto url = parse_plain_url("http://169.254.169.254:8080/latest/meta-data?x=1");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "169.254.169.254");
  EXPECT_EQ(url->port, 8080);
  EXPECT_EQ(url->path, "/latest/meta-data?x=1");
}

TEST(PlainUrl, IsAtPort80AndTheRootByDefault) {
  const auto url = parse_plain_url("http://metadata.internal");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->port, 80);
  EXPECT_EQ(url->path, "/");
  EXPECT_EQ(parse_plain_url("http://a?b")->path, "/?b");
}

TEST(PlainUrl, MayBeAnIpv6Address) {
  const auto url = parse_plain_url("http://[fd00:ec2::254]:81/x");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "[fd00:ec2::254]");
  EXPECT_EQ(url->port, 81);
}

TEST(PlainUrl, IsNothingElse) {
  for (const char* bad : {"", "https://a/", "http://", "http:///x", "http://a b/", "http://a:0/",
                          "http://a:70000/", "http://a:8x/", "http://user@a/", "http://a/#x",
                          "http://[::1", "http://[::1]x/", "http://[]/", "http://a\r\nX: y/"}) {
    EXPECT_FALSE(parse_plain_url(bad)) << bad;
  }
}

}  // namespace
}  // namespace weir
