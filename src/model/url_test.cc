#include "model/url.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

std::string error(std::string_view text) {
  const auto url = parse_url(text);
  return url ? "none" : url.error().message;
}

TEST(Url, HasAHostAPortAndATarget) {
  const auto url = parse_url("https://Hooks.Example.com:8443/weir?a=b/c");

  ASSERT_TRUE(url) << url.error().message;
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "hooks.example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/weir?a=b/c");
  EXPECT_EQ(authority_of(*url), "hooks.example.com:8443");
}

TEST(Url, TakesThePortOfItsScheme) {
  EXPECT_EQ(parse_url("http://a")->port, 80);
  EXPECT_EQ(parse_url("https://a")->port, 443);
  EXPECT_EQ(parse_url("http://a")->target, "/");
  EXPECT_EQ(parse_url("http://a?q")->target, "/?q");
  EXPECT_EQ(authority_of(*parse_url("https://a:443/")), "a");
}

TEST(Url, KnowsAddresses) {
  EXPECT_EQ(parse_url("http://[::1]:9000/")->host, "::1");
  EXPECT_EQ(authority_of(*parse_url("http://[::1]:9000/")), "[::1]:9000");
  EXPECT_EQ(parse_url("http://127.0.0.1:9000/x")->host, "127.0.0.1");
}

TEST(Url, SaysWhatIsWrong) {
  EXPECT_EQ(error("ftp://a/"), "begins with neither http:// nor https://");
  EXPECT_EQ(error("http://"), "'' is no host name");
  EXPECT_EQ(error("http://a:0/"), "port '0' is none; write 1 to 65535");
  EXPECT_EQ(error("http://a:/"), "port '' is none; write 1 to 65535");
  EXPECT_EQ(error("http://[::1/"), "has no ']' behind its address");
  EXPECT_EQ(error("http://[x]/"), "'[x]' is no IPv6 address");
  EXPECT_EQ(error("http://me@a/"), "names a user before '@', which is not sent");
  EXPECT_EQ(error("http://a/#x"), "has a fragment (#...), which is never sent");
  EXPECT_EQ(error("http://a/b c"), "holds a space or control character; write it as %20");
  EXPECT_EQ(error("http://a/\r\nX: y"), "holds a space or control character; write it as %20");
}

}  // namespace
}  // namespace weir
