#include "api/aws/elbv2/attributes.h"

#include <gtest/gtest.h>

#include "api/aws/elbv2/book.h"
#include "api/aws/elbv2/health.h"

namespace weir::amazon::elbv2 {
namespace {

LoadBalancer application() {
  LoadBalancer balancer;
  balancer.Type = "application";
  return balancer;
}

Reply<void> set(const std::string& key, const std::string& value, Set& kept) {
  return set_attribute(attributes_of(application()), "Load balancer", key, value, kept);
}

TEST(Attributes, HaveTheDefaultsOfAws) {
  const Attributes known = attributes_of(application());

  EXPECT_EQ(attribute(known, {}, "idle_timeout.timeout_seconds"), "60");
  EXPECT_TRUE(is_on(known, {}, "routing.http2.enabled"));
  EXPECT_EQ(all_attributes<LoadBalancerAttribute>(known, {}).size(), known.size());
}

TEST(Attributes, AreKeptWhereTheyDifferFromTheDefault) {
  Set kept;

  ASSERT_TRUE(set("idle_timeout.timeout_seconds", "120", kept));
  EXPECT_EQ(kept.size(), 1u);
  ASSERT_TRUE(set("idle_timeout.timeout_seconds", "60", kept));
  EXPECT_TRUE(kept.empty());
}

TEST(Attributes, ThatAreNotHonouredTakeTheirDefaultAlone) {
  Set kept;

  EXPECT_TRUE(set("access_logs.s3.enabled", "false", kept));
  const auto refused = set("access_logs.s3.enabled", "true", kept);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("attribute key 'access_logs.s3.enabled' is not supported"),
            std::string::npos);
}

TEST(Attributes, OutOfTheirRangeAreRefused) {
  Set kept;

  EXPECT_FALSE(set("idle_timeout.timeout_seconds", "4001", kept));
  EXPECT_FALSE(set("idle_timeout.timeout_seconds", "x", kept));
  EXPECT_FALSE(set("routing.http2.enabled", "yes", kept));
  EXPECT_TRUE(kept.empty());
}

TEST(Arns, LeadToEachOther) {
  const std::string balancer = "arn:aws:elasticloadbalancing:r:1:loadbalancer/app/n/1";
  const std::string listener = listener_prefix(balancer) + "2";

  EXPECT_EQ(listener, "arn:aws:elasticloadbalancing:r:1:listener/app/n/1/2");
  EXPECT_EQ(rule_prefix(listener) + "3",
            "arn:aws:elasticloadbalancing:r:1:listener-rule/app/n/1/2/3");
  EXPECT_EQ(listener_of_rule(rule_prefix(listener) + "3"), listener);
}

TEST(Health, SaysWhyInTheWordsOfAws) {
  control::EndpointStatus endpoint;
  endpoint.state = "unhealthy";
  endpoint.reason = "503 Service Unavailable";
  EXPECT_EQ(health_of(endpoint).Description, "Health checks failed with these codes: [503]");
  endpoint.reason = "timed out while connecting";
  EXPECT_EQ(health_of(endpoint).Reason, "Target.Timeout");
  endpoint.reason = "refused";
  EXPECT_EQ(health_of(endpoint).Reason, "Target.FailedHealthChecks");
}

}  // namespace
}  // namespace weir::amazon::elbv2
