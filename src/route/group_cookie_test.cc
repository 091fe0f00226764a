#include "route/group_cookie.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::route {
namespace {

constexpr SipKey kKey = {1, 2};
constexpr WallTime kNow(1'795'242'300s);

Forward forward() {
  Forward f{{{"old", 9}, {"new", 1}}, 60s};
  return f;
}

// What a browser sends back of a Set-Cookie.
std::string sent_back(const std::string& set_cookie) {
  return set_cookie.substr(0, set_cookie.find(';'));
}

const Forward::Share* remembered(const Forward& forward, const std::string& cookies, WallTime now) {
  const std::vector<HeaderView> headers = {{"Cookie", cookies}};
  RequestView request;
  request.headers = headers;
  return remembered_share(forward, request, kKey, now);
}

TEST(GroupCookie, BringsAClientBackToItsGroup) {
  const Forward f = forward();
  for (const std::string& cookie : group_cookies(f, "new", kKey, kNow)) {
    const auto* share = remembered(f, "a=b; " + sent_back(cookie), kNow + 30s);
    ASSERT_NE(share, nullptr) << cookie;
    EXPECT_EQ(share->group, "new");
  }
}

TEST(GroupCookie, RunsOut) {
  const Forward f = forward();
  const std::string cookie = sent_back(group_cookies(f, "new", kKey, kNow)[0]);
  EXPECT_EQ(remembered(f, cookie, kNow + 60s), nullptr);
}

TEST(GroupCookie, CountsNoMoreWhenItsGroupTakesNothing) {
  Forward f = forward();
  const std::string cookie = sent_back(group_cookies(f, "new", kKey, kNow)[0]);
  f.groups[1].weight = 0;
  EXPECT_EQ(remembered(f, cookie, kNow), nullptr);
  f.groups.pop_back();
  EXPECT_EQ(remembered(f, cookie, kNow), nullptr);
}

TEST(GroupCookie, IsPassedOverWhenForged) {
  EXPECT_EQ(remembered(forward(), "AWSALBTG=new", kNow), nullptr);
  EXPECT_EQ(remembered(forward(), "", kNow), nullptr);
}

}  // namespace
}  // namespace weir::route
