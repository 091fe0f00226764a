#include "control/meters.h"

#include <gtest/gtest.h>

namespace weir::control {
namespace {

class MetersTest : public ::testing::Test {
 protected:
  MeterMoment at() const { return {clock_.now(), clock_.wall()}; }
  // Told and computed once a second, for so long.
  void run(int seconds) {
    for (int s = 0; s < seconds; ++s) {
      clock_.advance(1s);
      meters_.tell(Subject::scaling_group, "ocr", "instances", clock_.now(), 4);
      meters_.compute(clock_.now());
    }
  }
  Result<> push(double value, std::optional<WallTime> time = {}) {
    return meters_.push(*parse_metric_name("backlog{model=a}"), value, time, at());
  }
  std::optional<double> now(const std::string& name) { return meters_.value(name, clock_.now()); }

  ManualClock clock_;
  Meters meters_;
};

TEST_F(MetersTest, ComputeMetricsOfOthersAndOfEachOther) {
  Desired desired;
  // By name, a comes before what it is made of.
  desired.metrics = {{"a", "backlog * 2"},
                     {"backlog", "last_over(custom.backlog{model=a}, 60s)"},
                     {"each", "backlog / instances{scaling_group=ocr}"}};
  meters_.update(desired);
  ASSERT_TRUE(push(12));

  run(3);

  EXPECT_EQ(now("each"), 3);
  EXPECT_EQ(now("a"), 24);
  run(60);
  EXPECT_EQ(now("each"), std::nullopt);
}

TEST_F(MetersTest, KnowAMetricByAnyWayToWriteIt) {
  run(1);

  EXPECT_EQ(now("instances{ scaling_group = ocr }"), 4);
  EXPECT_EQ(now("instances{scaling_group=chat}"), std::nullopt);
}

TEST_F(MetersTest, TakeWhatIsPushedAtItsOwnTime) {
  ASSERT_TRUE(push(5, clock_.wall() - 30s));
  ASSERT_TRUE(push(7));

  EXPECT_EQ(meters_.value("custom.backlog{model=a}", clock_.now() - 30s), 5);
  EXPECT_EQ(now("custom.backlog{model=a}"), 7);
  EXPECT_EQ(push(1, clock_.wall() - 4h).error().code, Code::invalid);
  EXPECT_EQ(push(1, clock_.wall() + 1min).error().code, Code::invalid);
  EXPECT_EQ(push(1e300).error().code, Code::invalid);
}

TEST_F(MetersTest, TakeSoManyCustomMetricsAndNoMore) {
  for (int i = 0; i < 500; ++i) {
    const auto name = parse_metric_name("m" + std::to_string(i));
    ASSERT_TRUE(meters_.push(*name, 1, {}, at()));
  }

  EXPECT_EQ(push(1).error().code, Code::limit);
  EXPECT_TRUE(meters_.push(*parse_metric_name("custom.m7"), 2, {}, at()));
}

TEST_F(MetersTest, GiveDatapointsOfPeriods) {
  for (const double value : {1, 2, 6}) ASSERT_TRUE(push(value));
  Alarm alarm;
  alarm.metric = "custom.backlog{model=a}";
  alarm.period = 10s;
  clock_.advance(10s);

  const auto point = [&](Statistic statistic) {
    alarm.statistic = statistic;
    return meters_.datapoints(alarm, clock_.now(), 2);
  };

  EXPECT_EQ(point(Statistic::average), (std::vector<std::optional<double>>{{}, 3}));
  EXPECT_EQ(point(Statistic::sum)[1], 9);
  EXPECT_EQ(point(Statistic::sample_count)[1], 3);
  alarm.metric = "custom.nothing";
  EXPECT_EQ(point(Statistic::sum), (std::vector<std::optional<double>>(2)));
}

TEST_F(MetersTest, CloseEachMinuteOnceAndSomeSecondsLate) {
  run(10);  // the manual clock begins on the hour
  EXPECT_FALSE(meters_.close_minute(at()));
  int closed = 0;
  for (int s = 10; s < 125; ++s) {
    run(1);
    const auto minute = meters_.close_minute(at());
    if (!minute) continue;
    ++closed;
    EXPECT_EQ(minute->begin, WallTime(1h) + (closed - 1) * 1min);
    ASSERT_EQ(minute->means.size(), 1);
    EXPECT_EQ(minute->means[0].mean, 4);
    EXPECT_EQ(clock_.wall(), minute->begin + 1min + 5s);
  }

  EXPECT_EQ(closed, 2);
}

TEST_F(MetersTest, KnowPercentilesOfLatencyOverAWholePeriod) {
  Desired desired;
  desired.target_groups["ocr"];
  AlarmResource& slow = desired.alarms["slow"];
  slow.alarm.metric = "latency{target_group=ocr}";
  slow.alarm.percentile = 90;
  slow.alarm.period = 10s;
  meters_.update(desired);
  const auto group = std::make_shared<Group>();
  group->name = "ocr";
  group->load = std::make_shared<GroupLoad>();
  Snapshot snapshot;
  snapshot.groups.push_back(group);
  observe::Histogram histogram;
  const auto sample = [&] {
    clock_.advance(1s);
    const auto latencies = [&](const std::string&) {
      observe::Distribution all;
      all.add(histogram);
      return all;
    };
    meters_.sample(snapshot, {}, latencies, at());
  };
  histogram.add(60s);
  sample();  // of a time before: not counted

  for (int i = 0; i < 8; ++i) {  // ten in each second; those of the last are slow
    for (int n = 0; n < 10; ++n) histogram.add(i == 7 ? Duration(3s) : Duration(100ms));
    sample();
  }
  EXPECT_NEAR(*now("latency_p50{target_group=ocr}"), 3, 0.4);
  clock_.advance(1s);

  const auto points = meters_.datapoints(slow.alarm, clock_.now(), 1);

  ASSERT_TRUE(points[0]);
  EXPECT_NEAR(*points[0], 3, 0.4);
  slow.alarm.percentile = 80;
  EXPECT_NEAR(*meters_.datapoints(slow.alarm, clock_.now(), 1)[0], 0.1, 0.02);
}

TEST_F(MetersTest, MakeRatesOfCounters) {
  const Snapshot nothing;
  Counts counts;
  const auto sample = [&](std::uint64_t good, std::uint64_t bad) {
    clock_.advance(2s);
    counts.requests = {{"public", "ocr", "2xx", good}, {"public", "ocr", "5xx", bad}};
    meters_.sample(nothing, counts, {}, at());
  };
  sample(100, 10);
  EXPECT_EQ(now("requests_per_second{listener=public}"), std::nullopt);

  sample(104, 12);

  EXPECT_EQ(now("requests_per_second{listener=public}"), 3);
  EXPECT_EQ(now("errors_per_second{listener=public}"), 1);
  EXPECT_EQ(now("errors_per_second{target_group=ocr}"), 1);
}

}  // namespace
}  // namespace weir::control
