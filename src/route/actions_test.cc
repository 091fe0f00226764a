#include "route/actions.h"

#include <gtest/gtest.h>

#include <map>

namespace weir::route {
namespace {

class RedirectLocation : public testing::Test {
 protected:
  RedirectLocation() {
    request.scheme = "http";
    request.host = "example.com";
    request.port = 8080;
    request.path = "/a/b";
    request.query = "x=1";
  }
  std::string location() { return redirect_location(redirect, request); }

  Redirect redirect;
  RequestView request;
};

TEST_F(RedirectLocation, KeepsWhatIsLeftOut) {
  redirect.path = "/c";
  EXPECT_EQ(location(), "http://example.com:8080/c?x=1");
}

TEST_F(RedirectLocation, TakesTheDefaultPortOfAnotherProtocol) {
  redirect.protocol = "https";
  EXPECT_EQ(location(), "https://example.com/a/b?x=1");
  redirect.port = 8443;
  EXPECT_EQ(location(), "https://example.com:8443/a/b?x=1");
}

TEST_F(RedirectLocation, LeavesADefaultPortOut) {
  request.port = 80;
  EXPECT_EQ(location(), "http://example.com/a/b?x=1");
  request.port = 0;
  EXPECT_EQ(location(), "http://example.com/a/b?x=1");
}

TEST_F(RedirectLocation, ReplacesOrDropsTheQuery) {
  redirect.query = "y=2";
  EXPECT_EQ(location(), "http://example.com:8080/a/b?y=2");
  redirect.query = "";
  EXPECT_EQ(location(), "http://example.com:8080/a/b");
}

TEST_F(RedirectLocation, FillsTheRequestsPartsIn) {
  redirect.host = "www.#{host}";
  redirect.path = "/new/#{path}/#{unknown}";
  redirect.query = "#{query}&from=#{port}-#{protocol}";
  EXPECT_EQ(location(), "http://www.example.com:8080/new/a/b/#{unknown}?x=1&from=8080-http");
}

TEST_F(RedirectLocation, PutsBracketsAroundAnIpv6Address) {
  request.host = "::1";
  EXPECT_EQ(location(), "http://[::1]:8080/a/b?x=1");
  request.host = "[::1]";
  EXPECT_EQ(location(), "http://[::1]:8080/a/b?x=1");
}

TEST_F(RedirectLocation, WithoutAHostIsAPathThatCannotNameOne) {
  request.host = "";
  EXPECT_EQ(location(), "/a/b?x=1");
  request.path = "//evil.example/x";
  EXPECT_EQ(location(), "/evil.example/x?x=1");
}

TEST(ChooseShare, FollowsTheWeights) {
  const Forward forward{{{"a", 9}, {"none", 0}, {"b", 1}}};
  Random random(1);
  std::map<std::string, int> seen;

  for (int n = 0; n < 10000; ++n) ++seen[choose_share(forward, random)->group];

  EXPECT_NEAR(seen["a"], 9000, 200);
  EXPECT_NEAR(seen["b"], 1000, 200);
  EXPECT_EQ(seen.count("none"), 0u);
}

TEST(ChooseShare, HasNothingWhereAllWeightsAreZero) {
  Random random(1);
  EXPECT_EQ(choose_share(Forward{{{"a", 0}}}, random), nullptr);
  EXPECT_EQ(choose_share(Forward{}, random), nullptr);
  EXPECT_EQ(choose_share(Forward{{{"a", 1}}}, random)->group, "a");
}

}  // namespace
}  // namespace weir::route
