#include "balance/sticky.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "balance/test_group.h"

namespace weir::balance {
namespace {

constexpr SipKey kKey = {5, 6};
constexpr WallTime kNow(1'795'242'300s);

Stickiness by_cookie() {
  Stickiness options;
  options.type = "lb_cookie";
  options.duration = 60s;
  return options;
}

Stickiness by_application() {
  Stickiness options;
  options.type = "app_cookie";
  options.cookie = "SID";
  return options;
}

Stickiness by_source() {
  Stickiness options;
  options.type = "source_ip";
  return options;
}

std::shared_ptr<const Sticky> make(const Stickiness& options, const TestGroup& group,
                                   const SipKey& key = kKey) {
  return Sticky::make(options, "ocr", group.group.endpoints, key);
}

// What the client sends back of Set-Cookie values.
std::string sent_back(const std::vector<std::string>& lines) {
  std::string header;
  for (const std::string& line : lines) {
    header += (header.empty() ? "" : "; ") + line.substr(0, line.find(';'));
  }
  return header;
}

Sticky::Wish wish(const Sticky& sticky, const std::string& cookies, WallTime now = kNow) {
  const std::array<HeaderView, 1> headers{{{"Cookie", cookies}}};
  RequestView request;
  request.headers = headers;
  return sticky.wish(request, now);
}

TEST(Sticky, IsNotThereWhenItIsOff) {
  TestGroup group(2);
  EXPECT_EQ(make({}, group), nullptr);
}

TEST(Sticky, BringsAClientBackByItsCookie) {
  TestGroup group(4);
  const auto sticky = make(by_cookie(), group);
  for (EndpointIndex i = 0; i < 4; ++i) {
    const auto lines = sticky->cookies(*group.endpoints[i], {}, false, {}, kNow);

    const auto asked = wish(*sticky, sent_back(lines));
    const auto choice = sticky->choose(asked, group.view(), {});

    EXPECT_EQ(choice.endpoint, i);
  }
}

TEST(Sticky, WritesTheCookiesOfAws) {
  TestGroup group(1);
  const auto lines = make(by_cookie(), group)->cookies(*group.endpoints[0], {}, false, {}, kNow);

  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].substr(0, 7), "AWSALB=");
  EXPECT_EQ(lines[0].find("SameSite"), std::string::npos);
  EXPECT_EQ(lines[1].substr(0, 11), "AWSALBCORS=");
  EXPECT_NE(lines[1].find("; SameSite=None; Secure"), std::string::npos);
}

TEST(Sticky, FindsTheEndpointInAnotherOrderAndAfterARestart) {
  TestGroup group(3);
  const auto lines = make(by_cookie(), group)->cookies(*group.endpoints[2], {}, false, {}, kNow);
  std::swap(group.endpoints[0], group.endpoints[2]);
  std::swap(group.group.endpoints[0], group.group.endpoints[2]);
  const auto after = make(by_cookie(), group);

  const auto choice = after->choose(wish(*after, sent_back(lines)), group.view(), {});

  EXPECT_EQ(choice.endpoint, 0u);
}

TEST(Sticky, IgnoresCookiesOfOthers) {
  TestGroup group(2);
  const auto sticky = make(by_cookie(), group);
  const auto stranger = make(by_cookie(), group, SipKey{5, 7});
  const auto other_group = Sticky::make(by_cookie(), "chat", group.group.endpoints, kKey);

  EXPECT_FALSE(
      wish(*sticky, sent_back(stranger->cookies(*group.endpoints[0], {}, false, {}, kNow))));
  EXPECT_FALSE(
      wish(*sticky, sent_back(other_group->cookies(*group.endpoints[0], {}, false, {}, kNow))));
  EXPECT_FALSE(wish(*sticky, "AWSALB=127.0.0.1:80; AWSALBCORS=x"));
}

TEST(Sticky, LooksForAGenuineCookieBehindAForgedOne) {
  TestGroup group(2);
  const auto sticky = make(by_cookie(), group);
  const std::string good = sent_back(sticky->cookies(*group.endpoints[1], {}, false, {}, kNow));

  EXPECT_TRUE(wish(*sticky, "AWSALB=forged; " + good));
}

TEST(Sticky, CookiesRunOut) {
  TestGroup group(2);
  const auto sticky = make(by_cookie(), group);
  const std::string cookie = sent_back(sticky->cookies(*group.endpoints[1], {}, false, {}, kNow));

  EXPECT_TRUE(wish(*sticky, cookie, kNow + 59s));
  EXPECT_FALSE(wish(*sticky, cookie, kNow + 60s));
}

TEST(Sticky, GivesUpAnEndpointThatIsNotFit) {
  TestGroup group(3);
  const auto sticky = make(by_cookie(), group);
  const auto asked =
      wish(*sticky, sent_back(sticky->cookies(*group.endpoints[1], {}, false, {}, kNow)));
  const auto choice = [&] { return sticky->choose(asked, group.view(), {}); };
  ASSERT_EQ(choice().endpoint, 1u);

  group.load(1).draining = true;
  EXPECT_FALSE(choice().endpoint || choice().full);
  group.load(1).draining = false;
  group.load(1).health = Health::unhealthy;
  EXPECT_FALSE(choice().endpoint || choice().full);
  group.load(1).health = Health::healthy;
  group.load(1).ejected_until = ns(group.clock.now() + 1s);
  EXPECT_FALSE(choice().endpoint || choice().full);
  group.load(1).ejected_until = 0;
  EXPECT_EQ(choice().endpoint, 1u);
}

TEST(Sticky, GivesUpAnEndpointThatIsGoneOrHasFailedThisRequest) {
  TestGroup group(3);
  const auto before = make(by_cookie(), group);
  const auto asked =
      wish(*before, sent_back(before->cookies(*group.endpoints[2], {}, false, {}, kNow)));
  const std::array tried = {group.endpoints[2]->id};
  EXPECT_FALSE(before->choose(asked, group.view(tried), tried).endpoint);
  EXPECT_FALSE(before->choose(asked, group.view(tried), tried).full);

  group.group.endpoints.pop_back();
  const auto after = make(by_cookie(), group);

  EXPECT_FALSE(after->choose(asked, group.view(), {}).endpoint);
}

TEST(Sticky, KeepsTheCookieOfAnEndpointThatIsOnlyFull) {
  TestGroup group(2);
  group.group.options.max_in_flight = 1;
  const auto sticky = make(by_cookie(), group);
  const auto asked =
      wish(*sticky, sent_back(sticky->cookies(*group.endpoints[0], {}, false, {}, kNow)));
  group.load(0).in_flight = 1;

  const auto choice = sticky->choose(asked, group.view(), {});
  const auto again =
      wish(*sticky, sent_back(sticky->cookies(*group.endpoints[1], asked, true, {}, kNow)));

  EXPECT_FALSE(choice.endpoint);
  EXPECT_TRUE(choice.full);
  EXPECT_EQ(again.name, asked.name);
}

TEST(Sticky, FollowsTheApplicationsCookie) {
  TestGroup group(2);
  const auto sticky = make(by_application(), group);
  const std::array<HeaderView, 2> sets{{{"Content-Type", "x"}, {"set-cookie", "SID=1; Path=/"}}};
  const std::array<HeaderView, 1> other{{{"Set-Cookie", "other=1"}}};

  EXPECT_TRUE(sticky->cookies(*group.endpoints[1], {}, false, other, kNow).empty());
  const auto lines = sticky->cookies(*group.endpoints[1], {}, false, sets, kNow);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].substr(0, 12), "AWSALBAPP-0=");
  EXPECT_TRUE(wish(*sticky, "SID=1; " + sent_back(lines)));
  EXPECT_FALSE(wish(*sticky, sent_back(lines))) << "the session has ended";
}

TEST(Sticky, BySourceSpreadsClientsAndMovesOnlyThoseOfALostEndpoint) {
  TestGroup group(4);
  const auto sticky = make(by_source(), group);
  const auto choose = [&](int n) {
    RequestView request;
    request.source = parse_ip(fmt::format("10.1.{}.{}", n / 200, n % 200)).value();
    return sticky->choose(sticky->wish(request, kNow), group.view(), {}).endpoint.value();
  };
  std::vector<EndpointIndex> before;
  std::array<int, 4> shares{};
  for (int n = 0; n < 1000; ++n) {
    before.push_back(choose(n));
    ++shares[before.back()];
  }
  for (const int share : shares) EXPECT_GT(share, 150);

  group.load(2).health = Health::unhealthy;

  for (int n = 0; n < 1000; ++n) {
    const EndpointIndex now = choose(n);
    EXPECT_NE(now, 2u);
    if (before[static_cast<std::size_t>(n)] == 2) continue;
    EXPECT_EQ(now, before[static_cast<std::size_t>(n)]);
  }
  EXPECT_TRUE(sticky->cookies(*group.endpoints[0], {}, false, {}, kNow).empty());
}

}  // namespace
}  // namespace weir::balance
