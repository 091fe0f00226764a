// The config may name what balance and scale know, and nothing else. model sees neither folder, so
// its lists are held to theirs here.
#include <gtest/gtest.h>

#include "balance/balancer.h"
#include "fleet/provider.h"
#include "model/desired_decode.h"
#include "model/desired_forms.h"
#include "scale/policy.h"

namespace weir::control {
namespace {

TEST(Names, OfAlgorithmsAreThoseThatBalanceKnows) {
  const std::vector<std::string>& written = algorithm_names();
  const auto known = balance::algorithm_names();

  EXPECT_EQ(std::vector<std::string>(known.begin(), known.end()), written);
}

TEST(Names, OfPoliciesAreThoseThatScaleKnows) {
  EXPECT_EQ(scale::policy_kinds(),
            (std::vector<std::string_view>{"predictive", "scheduled", "simple", "slo", "step",
                                           "target_tracking"}));
}

class Metric : public testing::TestWithParam<const char*> {};

TEST_P(Metric, IsTakenByTheConfigAndByThePolicy) {
  const std::string text = std::string("target_groups: { g: {} }\n") +
                           "scaling_groups:\n  g:\n    target_groups: [g]\n" +
                           "    launch: { command: [server, \"${WEIR_PORT}\"] }\n" +
                           "    policies: [ { target_tracking: { metric: " + GetParam() +
                           ", target: 2 } } ]\n";

  const Loaded loaded = load_text(text, "t.yaml");

  ASSERT_TRUE(loaded.good()) << to_string(loaded.mistakes[0]);
  const auto policy = scale::make_policy(loaded.desired.scaling_groups.at("g").policies.at(0));
  EXPECT_TRUE(policy.has_value()) << policy.error().message;
}

INSTANTIATE_TEST_SUITE_P(All, Metric,
                         testing::Values("in_flight_per_endpoint",
                                         "requests_per_second_per_endpoint", "latency_p50",
                                         "latency_p90", "latency_p95", "latency_p99", "cpu_percent",
                                         "memory_percent"));

}  // namespace
}  // namespace weir::control
