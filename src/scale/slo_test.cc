#include <gtest/gtest.h>

#include <cmath>

#include "scale/policy.h"

namespace weir::scale {
namespace {

// Endpoints of ten slots and a second a request: ten requests per second each.
class SloTest : public testing::Test {
 protected:
  SloTest() {
    facts_.name = "llm";
    facts_.slots = 10;
    policy_ = std::move(*make_policy(options_));
  }

  static weir::Policy options() {
    weir::Policy options;
    options.slo = {2s, 99.5, 60s};
    return options;
  }

  void in_service(std::uint32_t n) {
    facts_.instances.resize(n);
    for (InstanceFacts& i : facts_.instances) {
      i.state = Lifecycle::in_service;
      i.adopted = true;
      i.in_service_since = i.launched = now_;
    }
    facts_.desired = facts_.warm = n;
  }
  void starting(std::uint32_t n, Duration since) {
    for (std::uint32_t k = 0; k < n; ++k) {
      InstanceFacts i;
      i.launched = now_ - since;
      facts_.instances.push_back(i);
    }
    facts_.desired += n;
  }

  // Second by second; nobody follows the decisions, the last one of which is returned.
  Decision watch(double rate, int length, double waiting = 0) {
    Decision last;
    for (int s = 0; s < length; ++s, now_ += 1s) {
      facts_.waiting = static_cast<std::uint32_t>(waiting);
      series_.add(Metric::requests, now_, rate);
      const double endpoints = facts_.warm + facts_.other_endpoints;
      series_.add(Metric::in_flight, now_, std::min(rate, 10 * endpoints));
      series_.add(Metric::waiting, now_, waiting);
      series_.add(Metric::endpoints, now_, endpoints);
      series_.add_latency(now_, 1 + waiting / (10 * endpoints), static_cast<std::uint32_t>(rate));
      last = policy_->decide(facts_, series_, now_);
    }
    return last;
  }

  weir::Policy options_ = options();
  std::unique_ptr<Policy> policy_;
  GroupFacts facts_;
  Series series_;
  Time now_ = Time(1h);
};

TEST_F(SloTest, OrdersWhatIsExpectedAndAMargin) {
  in_service(20);

  const Decision d = watch(200, 120);

  ASSERT_TRUE(d.desired);
  EXPECT_GE(*d.desired, 22u);
  EXPECT_LE(*d.desired, 25u);
  EXPECT_NE(d.reason.find("requests per second were expected within 65 s"), std::string::npos)
      << d.reason;
  EXPECT_NE(d.reason.find("10 served by each"), std::string::npos) << d.reason;
}

TEST_F(SloTest, NeedsLittleMoreThanTheDemandAfterAQuietDay) {
  in_service(25);
  facts_.last_change = now_;

  const Decision d = watch(200, 86400);

  ASSERT_TRUE(d.desired);
  EXPECT_GE(*d.desired, 20u);
  EXPECT_LE(*d.desired, 21u);
}

TEST_F(SloTest, TakesNothingAwayForFiveMinutesAfterAChange) {
  in_service(40);
  watch(200, 3000);
  facts_.last_change = now_ - 250s;

  EXPECT_EQ(watch(200, 1).desired, 40u);
  EXPECT_LT(watch(200, 60).desired.value_or(99), 40u);
}

TEST_F(SloTest, LeavesASurplusOfLessThanATwentieth) {
  in_service(200);
  watch(2000, 86400 / 2);
  facts_.desired = facts_.warm = 212;
  const Decision small = watch(2000, 1);
  facts_.desired = facts_.warm = 240;
  const Decision large = watch(2000, 1);

  EXPECT_EQ(small.desired, 212u);
  EXPECT_LT(large.desired.value_or(999), 240u);
}

TEST_F(SloTest, HoldsAHighEstimateForAWhile) {
  in_service(30);
  watch(250, 300);

  EXPECT_GE(watch(100, 100).desired.value_or(0), 25u);
}

TEST_F(SloTest, AsksForMoreWhereRequestsAreLate) {
  in_service(20);
  const Decision before = watch(200, 120);
  facts_.desired = facts_.warm = 20;
  const Decision late = watch(200, 10, 4000);

  ASSERT_TRUE(before.desired && late.desired);
  EXPECT_GT(*late.desired, *before.desired);
  EXPECT_NE(late.reason.find("4000 requests were in line"), std::string::npos) << late.reason;
}

TEST_F(SloTest, DoesNotAskAgainForALineThatWhatStartsWillServe) {
  in_service(20);
  watch(200, 120);
  starting(100, 30s);

  const Decision d = watch(200, 3, 800);

  EXPECT_LE(d.desired.value_or(999), 120u);
}

TEST_F(SloTest, NoLineMakesItRunAway) {
  in_service(20);
  watch(200, 600);

  const Decision d = watch(200, 60, 100000);

  EXPECT_LE(d.desired.value_or(999), 54u);
}

TEST_F(SloTest, LearnsHowLongAStartTakes) {
  in_service(10);
  watch(100, 60);
  starting(1, 200s);
  facts_.instances.back().state = Lifecycle::in_service;
  facts_.instances.back().in_service_since = now_;

  const Decision d = watch(100, 10);

  EXPECT_NE(d.reason.find("within 205 s"), std::string::npos) << d.reason;
}

TEST_F(SloTest, KnowsAfterARestartWhatItKnewBefore) {
  in_service(25);
  const Decision before = watch(200, 86400);
  const Learned learned = policy_->learned();
  const auto begin_again = [&] {
    policy_ = std::move(*make_policy(options_));
    series_ = Series();
  };

  begin_again();
  const Decision fresh = watch(200, 60);
  begin_again();
  policy_->restore(learned, 60s);
  const Decision after = watch(200, 60);

  EXPECT_EQ(after.desired, before.desired);
  EXPECT_GT(fresh.desired.value_or(0), before.desired.value_or(99));
}

TEST_F(SloTest, LeavesWhatAnotherGoalHadTaught) {
  in_service(25);
  watch(200, 3600);
  const Learned learned = policy_->learned();
  options_.slo->bound = 3s;
  policy_ = std::move(*make_policy(options_));
  policy_->restore(learned, 60s);

  EXPECT_EQ(policy_->learned().at("demand"), (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(policy_->learned().at("capacity"), (std::vector<double>{0, 0, 0}));
}

TEST_F(SloTest, SharesTheLoadWithStaticEndpoints) {
  facts_.other_endpoints = 30;
  in_service(0);

  EXPECT_EQ(watch(200, 120).desired, 0u);
}

TEST_F(SloTest, WakesFromZeroWithEnoughForThoseWhoWait) {
  facts_.waiting = 25;

  const Decision d = policy_->decide(facts_, series_, now_);

  EXPECT_EQ(d.desired, 3u);
  EXPECT_EQ(d.reason, "25 requests were waiting for group llm with no instance in service");
}

TEST_F(SloTest, TellsNothingWithoutData) {
  facts_.desired = 3;
  EXPECT_EQ(policy_->decide(facts_, series_, now_).reason, "there was no data on requests");

  in_service(3);
  watch(10, 120);
  EXPECT_FALSE(policy_->decide(facts_, series_, now_ + 10s).desired);
}

TEST(Slo, RefusesWhatMakesNoSense) {
  weir::Policy options;
  options.slo.emplace().bound = Duration(0);
  EXPECT_EQ(make_policy(options).error().message, "slo: bound must be above 0");
  options.slo = {2s, 100, 60s};
  EXPECT_EQ(make_policy(options).error().message, "slo: percentile must be above 0 and below 100");
}

}  // namespace
}  // namespace weir::scale
