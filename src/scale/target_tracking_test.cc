#include <gtest/gtest.h>

#include "scale/policy.h"

namespace weir::scale {
namespace {

constexpr std::int64_t kEnd = 5000;  // seconds

class TargetTrackingTest : public testing::Test {
 protected:
  std::unique_ptr<Policy> policy(const std::string& metric, double target) {
    weir::Policy options;
    options.target_tracking = options_;
    options.target_tracking->metric = metric;
    options.target_tracking->target = target;
    auto made = make_policy(options);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  // The same value in each of the last `length` seconds.
  void fill(Metric metric, double value, int length = 600) {
    for (int s = 0; s < length; ++s) series_.add(metric, end_ - std::chrono::seconds(s), value);
  }
  void capacity(std::uint32_t n) {
    facts_.desired = facts_.warm = n;
    fill(Metric::instances, n);
    fill(Metric::endpoints, n + facts_.other_endpoints);
    fill(Metric::waiting, 0);
  }

  weir::TargetTracking options_;
  GroupFacts facts_;
  Series series_;
  Time end_ = Time(std::chrono::seconds(kEnd));
};

TEST_F(TargetTrackingTest, ScalesOutInProportionRoundedUp) {
  capacity(4);
  fill(Metric::in_flight, 9.2);  // 6.13 instances at 1.5

  const Decision d = policy("in_flight_per_endpoint", 1.5)->decide(facts_, series_, end_);

  EXPECT_EQ(d.desired, 7u);
  EXPECT_EQ(d.reason, "in_flight_per_endpoint was 2.3 over 4 s against a target of 1.5");
}

TEST_F(TargetTrackingTest, CountsTheWaitingAsInFlight) {
  capacity(2);
  fill(Metric::in_flight, 3);
  Series with_line = series_;
  for (int s = 0; s < 60; ++s) {
    with_line.add(Metric::waiting, end_ - std::chrono::seconds(s), 12);  // averaged with the 0: 6
  }
  const auto p = policy("in_flight_per_endpoint", 1.5);

  EXPECT_EQ(p->decide(facts_, series_, end_).desired, 2u);
  EXPECT_EQ(p->decide(facts_, with_line, end_).desired, 6u);
}

TEST_F(TargetTrackingTest, DoesNothingWithinTheTolerance) {
  capacity(4);
  for (const double value : {5.5, 6.0, 6.5}) {
    series_ = {};
    capacity(4);
    fill(Metric::in_flight, value);
    EXPECT_EQ(policy("in_flight_per_endpoint", 1.5)->decide(facts_, series_, end_).desired, 4u)
        << value;
  }
}

TEST_F(TargetTrackingTest, AnswersALargeStepWithinASecondAndNotAnOutlier) {
  capacity(2);
  fill(Metric::in_flight, 2);
  const auto p = policy("in_flight_per_endpoint", 1.5);
  const auto after = [&](double value) {
    Series series = series_;
    series.add(Metric::in_flight, end_ + 1s, value);
    series.add(Metric::waiting, end_ + 1s, 0);
    return *p->decide(facts_, series, end_ + 1s).desired;
  };

  EXPECT_EQ(after(9), 2u);  // 3 + 4 sqrt(3) = 9.9
  EXPECT_EQ(after(11), 3u);
  EXPECT_GE(after(30), 10u);
}

TEST_F(TargetTrackingTest, DoesNotTakeTheSameLongRequestsForEverMoreEvidence) {
  capacity(10);
  fill(Metric::in_flight, 15);
  // Half as many again for ten seconds: much, of requests of a tenth of a second, and nothing of
  // such as take two.
  for (int s = 1; s <= 10; ++s) {
    series_.add(Metric::in_flight, end_ + std::chrono::seconds(s), 22);
    series_.add(Metric::waiting, end_ + std::chrono::seconds(s), 0);
  }
  end_ += 10s;
  const auto at = [&](double requests_per_second) {
    const Series before = series_;
    fill(Metric::requests, requests_per_second);
    const Decision d = policy("in_flight_per_endpoint", 1.5)->decide(facts_, series_, end_);
    series_ = before;
    return d.desired;
  };

  EXPECT_GT(at(160).value_or(0), 10u);
  EXPECT_EQ(at(8), 10u);
}

// Steps by a request or two, each second looked at as the engine does; the answer's delay.
class SmallStep : public TargetTrackingTest {
 protected:
  void in_service(std::uint32_t n) {
    capacity(n);
    facts_.instances.resize(n);
    for (InstanceFacts& i : facts_.instances) i.state = Lifecycle::in_service;
  }
  // Load rises from `before` to `after` of which `waiting` stand in line; seconds to the decision.
  std::optional<double> delay(double before, double after, double waiting) {
    fill(Metric::in_flight, before);
    const auto p = policy("in_flight_per_endpoint", 1.5);
    EXPECT_EQ(p->decide(facts_, series_, end_).desired, facts_.desired) << "steady";
    const Time rise = end_ + 300ms;
    facts_.in_flight = static_cast<std::uint32_t>(after - waiting);
    facts_.waiting = static_cast<std::uint32_t>(waiting);
    if (waiting > 0) facts_.waiting_since = rise;
    for (Time now = rise; now < end_ + 60s; now += 100ms) {
      series_.add(Metric::in_flight, now, after - waiting);
      series_.add(Metric::waiting, now, waiting);
      series_.add(Metric::endpoints, now, facts_.desired);
      decision_ = p->decide(facts_, series_, now);
      if (*decision_.desired > facts_.desired) return seconds(now - rise);
    }
    return std::nullopt;
  }
  Decision decision_;
};

TEST_F(SmallStep, IsAnsweredWithinASecondWhereRequestsWait) {
  in_service(1);
  EXPECT_LT(delay(1, 2, 1).value_or(99), 1);
  EXPECT_EQ(decision_.desired, 2u);
  EXPECT_TRUE(decision_.for_the_line);
  EXPECT_EQ(decision_.reason,
            "1 request was waiting behind 1 in flight for 0.7 s against a target of 1.5 per "
            "endpoint");
}

TEST_F(SmallStep, FromTwoToThreeAndToFourIsAnsweredToo) {
  for (const double after : {4.0, 5.0}) {
    series_ = {};
    in_service(2);
    EXPECT_LT(delay(2, after, after - 2).value_or(99), 1) << after;
    EXPECT_EQ(decision_.desired, 3u);
  }
}

TEST_F(SmallStep, IsAnsweredWithinFiveSecondsWhereNobodyWaits) {
  in_service(1);
  EXPECT_LE(delay(1, 2, 0).value_or(99), 5);
  EXPECT_EQ(decision_.desired, 2u);
  series_ = {};
  in_service(1);
  EXPECT_LE(delay(1, 3, 0).value_or(99), 5);
  EXPECT_EQ(decision_.desired, 2u);
  series_ = {};
  in_service(2);
  EXPECT_LE(delay(2, 4, 0).value_or(99), 5);
  EXPECT_EQ(decision_.desired, 3u);
}

TEST_F(SmallStep, IsNotAnsweredWithinTheCapacityAtTarget) {
  in_service(2);
  EXPECT_FALSE(delay(2, 3, 1)) << "three on two are at target: the line is the slots' doing";
}

TEST_F(SmallStep, LeavesALineBehindStartingOnesToTheLooks) {
  in_service(2);
  facts_.instances[1].state = Lifecycle::pending;
  EXPECT_GT(delay(2, 4, 2).value_or(99), 1);
}

TEST_F(SmallStep, KeepsWhatItAddedForTheLineThroughTheWindow) {
  capacity(4);
  fill(Metric::in_flight, 1);
  facts_.last_line = end_ - 239s;
  const auto p = policy("in_flight_per_endpoint", 1.5);

  EXPECT_EQ(p->decide(facts_, series_, end_).desired, 4u);
  facts_.last_line = end_ - 241s;
  EXPECT_LT(*p->decide(facts_, series_, end_).desired, 4u);
}

TEST_F(TargetTrackingTest, DoesNotTakeTheFirstSecondsForALongLook) {
  facts_.desired = facts_.warm = 1;
  fill(Metric::in_flight, 6, 2);
  fill(Metric::waiting, 0, 2);
  EXPECT_EQ(policy("in_flight_per_endpoint", 1.5)->decide(facts_, series_, end_).desired, 2u);
}

TEST_F(TargetTrackingTest, DoesNotAnswerARiseThatIsOver) {
  capacity(2);
  fill(Metric::in_flight, 40, 30);
  for (int s = 0; s < 3; ++s) {
    for (int n = 0; n < 999; ++n) series_.add(Metric::in_flight, end_ - std::chrono::seconds(s), 0);
  }
  EXPECT_EQ(policy("in_flight_per_endpoint", 1.5)->decide(facts_, series_, end_).desired, 2u);
}

TEST_F(TargetTrackingTest, CountsWhatStillStartsAsCapacity) {
  capacity(2);
  facts_.desired = 6;  // four are starting
  fill(Metric::in_flight, 9);
  EXPECT_EQ(policy("in_flight_per_endpoint", 1.5)->decide(facts_, series_, end_).desired, 6u);
}

TEST_F(TargetTrackingTest, ScalesInGraduallyAndNeverToZero) {
  const auto p = policy("in_flight_per_endpoint", 1.5);
  capacity(10);
  fill(Metric::in_flight, 1.2);
  EXPECT_EQ(p->decide(facts_, series_, end_).desired, 6u);  // half of the nine too many

  facts_.desired = 2;
  EXPECT_EQ(p->decide(facts_, series_, end_).desired, 1u);
  facts_.desired = 1;
  fill(Metric::in_flight, 0);
  EXPECT_EQ(p->decide(facts_, series_, end_).desired, 1u);
}

TEST_F(TargetTrackingTest, ScalesInOnlyToWhatTheWholeWindowNeeded) {
  capacity(10);
  fill(Metric::in_flight, 1);
  for (int s = 100; s < 130; ++s) {
    for (int n = 0; n < 999; ++n) {
      series_.add(Metric::in_flight, end_ - std::chrono::seconds(s), 13.2);
    }
  }
  const auto p = policy("in_flight_per_endpoint", 1.5);

  // 13.2 over 30 s needed 13.2 / 1.5 / 1.1 = 8 of 10: one of the two goes.
  EXPECT_EQ(p->decide(facts_, series_, end_).desired, 9u);
  facts_.desired = 8;
  EXPECT_EQ(p->decide(facts_, series_, end_).desired, 8u);
}

TEST_F(TargetTrackingTest, WaitsForItsCooldown) {
  capacity(10);
  fill(Metric::in_flight, 1);
  facts_.last_change = end_ - 59s;
  const auto p = policy("in_flight_per_endpoint", 1.5);

  EXPECT_EQ(p->decide(facts_, series_, end_).desired, 10u);
  EXPECT_EQ(p->decide(facts_, series_, end_ + 1s).desired, 6u);
}

TEST_F(TargetTrackingTest, NeedsDataOfTheWholeWindowToScaleIn) {
  facts_.desired = 10;
  fill(Metric::in_flight, 1, 100);
  fill(Metric::waiting, 0, 100);

  const Decision d = policy("in_flight_per_endpoint", 1.5)->decide(facts_, series_, end_);

  EXPECT_FALSE(d.desired);
  EXPECT_EQ(d.reason, "there was too little data on in_flight_per_endpoint");
}

TEST_F(TargetTrackingTest, DoesNothingWithoutData) {
  facts_.desired = 3;
  const Decision never = policy("cpu_percent", 60)->decide(facts_, series_, end_);
  EXPECT_FALSE(never.desired);
  EXPECT_TRUE(never.blocks_scale_in);
  EXPECT_EQ(never.reason, "there was no data on cpu_percent");

  capacity(3);
  fill(Metric::in_flight, 100);
  const auto stale = end_ + 10s;
  EXPECT_FALSE(policy("in_flight_per_endpoint", 1)->decide(facts_, series_, stale).desired);
}

TEST_F(TargetTrackingTest, DoesNotBlockOthersWhenItsScaleInIsOff) {
  options_.scale_in = false;
  capacity(10);
  fill(Metric::in_flight, 1);

  const Decision d = policy("in_flight_per_endpoint", 1.5)->decide(facts_, series_, end_);

  EXPECT_FALSE(d.desired);
  EXPECT_FALSE(d.blocks_scale_in);
}

TEST_F(TargetTrackingTest, WakesFromZeroWithEnoughForThoseWhoWait) {
  facts_.name = "ocr";
  facts_.waiting = 1;
  const auto p = policy("in_flight_per_endpoint", 1.5);
  EXPECT_EQ(p->decide(facts_, series_, end_).desired, 1u);
  EXPECT_EQ(p->decide(facts_, series_, end_).reason,
            "1 request was waiting for group ocr with no instance in service");

  facts_.waiting = 4;
  EXPECT_EQ(p->decide(facts_, series_, end_).desired, 3u);
  EXPECT_EQ(policy("cpu_percent", 60)->decide(facts_, series_, end_).desired, 1u);

  facts_.waiting = 0;
  EXPECT_EQ(p->decide(facts_, series_, end_).desired, 0u);
}

TEST_F(TargetTrackingTest, SharesTheLoadWithStaticEndpoints) {
  facts_.other_endpoints = 4;
  capacity(0);
  fill(Metric::in_flight, 5);
  const auto p = policy("in_flight_per_endpoint", 1.5);
  EXPECT_EQ(p->decide(facts_, series_, end_).desired, 0u);

  Series busy;
  std::swap(series_, busy);
  capacity(0);
  fill(Metric::in_flight, 9);
  EXPECT_EQ(p->decide(facts_, series_, end_).desired, 2u);

  series_ = {};
  capacity(1);
  fill(Metric::in_flight, 1);
  EXPECT_EQ(p->decide(facts_, series_, end_).desired, 0u);
}

TEST_F(TargetTrackingTest, FollowsRequestsPerSecond) {
  capacity(2);
  fill(Metric::requests, 90);
  EXPECT_EQ(policy("requests_per_second_per_endpoint", 20)->decide(facts_, series_, end_).desired,
            5u);
}

TEST_F(TargetTrackingTest, FollowsCpuOfWarmInstancesAlone) {
  facts_.other_endpoints = 7;
  capacity(4);
  fill(Metric::cpu_percent, 90);
  EXPECT_EQ(policy("cpu_percent", 60)->decide(facts_, series_, end_).desired, 6u);
}

TEST_F(TargetTrackingTest, FollowsLatencyAndAtMostDoubles) {
  capacity(3);
  for (int s = 0; s < 100; ++s) {
    series_.add_latency(end_ - std::chrono::seconds(s), 1.3, 19);
    series_.add_latency(end_ - std::chrono::seconds(s), 50, 1);  // 5 %: p99 sees it, p90 does not
  }
  EXPECT_EQ(policy("latency_p90", 1)->decide(facts_, series_, end_).desired, 4u);
  EXPECT_EQ(policy("latency_p99", 1)->decide(facts_, series_, end_).desired, 6u);
}

TEST_F(TargetTrackingTest, ReadsALatencyOverAsManySecondsAsThePercentileNeeds) {
  capacity(1);
  for (int s = 0; s < 300; ++s) series_.add_latency(end_ - std::chrono::seconds(s), 2);
  const Decision p50 = policy("latency_p50", 1)->decide(facts_, series_, end_);
  const Decision p95 = policy("latency_p95", 1)->decide(facts_, series_, end_);
  EXPECT_NE(p50.reason.find("over 10 s"), std::string::npos) << p50.reason;
  EXPECT_NE(p95.reason.find("over 30 s"), std::string::npos) << p95.reason;
}

TEST(Policies, RefuseWhatTheyDoNotKnow) {
  weir::Policy options;
  EXPECT_EQ(make_policy(options).error().message, "unknown scaling policy ''");
  options.target_tracking.emplace().metric = "cpu_percent";
  EXPECT_EQ(make_policy(options).error().message, "target_tracking: target must be above 0");
  options.target_tracking->target = 1;
  options.target_tracking->metric = "moon phase";
  EXPECT_EQ(make_policy(options).error().message, "target_tracking: unknown metric 'moon phase'");
}

}  // namespace
}  // namespace weir::scale
