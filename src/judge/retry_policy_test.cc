#include "judge/retry_policy.h"

#include "judge/timeout_policy.h"

#include <gtest/gtest.h>

namespace weir::judge {
namespace {

TEST(RetryPolicy, IsTheGroupsWhereTheRuleSaysNothing) {
  Retry group;
  group.attempts = 4;
  group.per_try_timeout = 2s;
  const RouteRetry nothing;

  for (const RouteRetry* route : {static_cast<const RouteRetry*>(nullptr), &nothing}) {
    const RetryPolicy policy(group, route);
    EXPECT_EQ(policy.attempts(), 4u);
    EXPECT_EQ(policy.per_try(), 2s);
    EXPECT_EQ(policy.body(), group.body.value);
    EXPECT_TRUE(policy.on_connect_failure());
    EXPECT_TRUE(policy.on_unanswered());
    EXPECT_FALSE(policy.on_status(503));
    EXPECT_FALSE(policy.safe_methods_only());
  }
}

TEST(RetryPolicy, IsTheRulesWhereItSaysSo) {
  const Retry group;
  RouteRetry route;
  route.attempts = 1;
  route.on = Names{"503"};
  route.unanswered = "safe_methods";
  route.backoff = 0s;

  const RetryPolicy policy(group, &route);

  EXPECT_EQ(policy.attempts(), 1u);
  EXPECT_EQ(policy.backoff(), 0s);
  EXPECT_EQ(policy.backoff_max(), group.backoff_max);
  EXPECT_FALSE(policy.on_connect_failure());
  EXPECT_FALSE(policy.on_unanswered());
  EXPECT_TRUE(policy.on_status(503));
  EXPECT_FALSE(policy.on_status(502));
  EXPECT_TRUE(policy.safe_methods_only());
}

TEST(RetryPolicy, KnowsFamiliesOfCodes) {
  EXPECT_TRUE(covers("5xx", 500));
  EXPECT_TRUE(covers("5xx", 599));
  EXPECT_FALSE(covers("5xx", 499));
  EXPECT_FALSE(covers("gateway-error", 500));
  EXPECT_TRUE(covers("gateway-error", 502));
  EXPECT_TRUE(covers("gateway-error", 504));
  EXPECT_FALSE(covers("gateway-error", 505));
  EXPECT_TRUE(covers("429", 429));
  EXPECT_FALSE(covers("429", 503));
  EXPECT_FALSE(covers("unanswered", 503));
}

TEST(RetryPolicy, NeverAnswersOfASuccess) {
  Retry group;
  group.on = {"5xx", "429"};
  const RetryPolicy policy(group, nullptr);

  for (const std::uint16_t status : {200, 204, 301, 399, 404}) {
    EXPECT_FALSE(policy.on_status(status)) << status;
  }
  EXPECT_TRUE(policy.on_status(429));
  EXPECT_TRUE(policy.on_status(500));
}

TEST(TimeoutPolicy, IsTheRulesKeyByKey) {
  Timeouts group;
  group.connect = 3s;
  RouteTimeouts route;
  route.request = 10s;
  route.lifetime = 1h;

  const TimeoutPolicy both(group, &route);
  const TimeoutPolicy alone(group, nullptr);

  EXPECT_EQ(both.connect(), 3s);
  EXPECT_EQ(both.idle(), group.idle);
  EXPECT_EQ(both.response(), group.response);
  EXPECT_EQ(both.request(), 10s);
  EXPECT_EQ(both.lifetime(), 1h);
  EXPECT_EQ(alone.connect(), 3s);
  EXPECT_EQ(alone.request(), 0s);
}

}  // namespace
}  // namespace weir::judge
