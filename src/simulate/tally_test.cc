#include "simulate/tally.h"

#include <gtest/gtest.h>

namespace weir::simulate {
namespace {

Report report_of(const Tally& tally) {
  Report report;
  tally.report(report);
  return report;
}

TEST(Percentiles, AreOfTheNearestRank) {
  std::vector<float> values;
  for (int i = 100; i >= 1; --i) values.push_back(static_cast<float>(i));

  const Percentiles found = percentiles(values);

  EXPECT_EQ(found.p50, 50);
  EXPECT_EQ(found.p95, 95);
  EXPECT_EQ(found.p99, 99);
  EXPECT_EQ(found.most, 100);
  EXPECT_EQ(found.mean, 50.5);
  EXPECT_EQ(percentiles({}).most, 0);
  EXPECT_EQ(percentiles({7}).p50, 7);
}

TEST(Tally, CountsWhatIsRefusedAsOutsideTheGoal) {
  Tally tally(LatencyGoal{LatencyGoal::Of::total, 70, 1s}, 0s, false);
  tally.answered(0s, 0s, 1s, 1s);  // the bound itself is within
  tally.answered(1s, 0s, 1s, 1001ms);
  tally.answered(2s, 0s, 500ms, 500ms);
  tally.refused(3s, Tally::Refusal::timed_out);

  const Report report = report_of(tally);

  EXPECT_EQ(report.requests, 4u);
  EXPECT_EQ(report.answered, 3u);
  EXPECT_EQ(report.timed_out, 1u);
  EXPECT_EQ(report.attainment, 0.5);
  EXPECT_FALSE(report.met);
}

TEST(Tally, JudgesThePartOfTheRequestThatTheGoalNames) {
  Tally wait(LatencyGoal{LatencyGoal::Of::wait, 95, 1s}, 0s, false);
  Tally first(LatencyGoal{LatencyGoal::Of::first_byte, 95, 1s}, 0s, false);
  wait.answered(0s, 500ms, 2s, 3s);
  first.answered(0s, 500ms, 2s, 3s);

  EXPECT_EQ(report_of(wait).attainment, 1);
  EXPECT_EQ(report_of(first).attainment, 0);
}

TEST(Tally, DoesNotJudgeWhatIsSkipped) {
  Tally tally(LatencyGoal{}, 60s, false);
  tally.answered(59s, 0s, 9s, 9s);
  tally.answered(60s, 0s, 1s, 1s);

  EXPECT_EQ(report_of(tally).requests, 1u);
  EXPECT_EQ(report_of(tally).attainment, 1);
}

TEST(Tally, ShowsTheCourseOfThings) {
  Tally tally(std::nullopt, 0s, true);
  for (int s = 0; s < 1200; ++s) {
    const std::chrono::seconds at(s);
    tally.look(at, {.desired = s < 600 ? 1u : 3u, .present = 2, .serving = 1, .waiting = 4});
    tally.answered(at, 0s, 1s, s < 600 ? 1s : 5s);
  }

  const auto stretches = report_of(tally).stretches;

  ASSERT_EQ(stretches.size(), 300u);
  EXPECT_EQ(stretches[1].at, 4);
  EXPECT_EQ(stretches[0].desired, 1);
  EXPECT_EQ(stretches[299].desired, 3);
  EXPECT_EQ(stretches[0].arrivals, 1);
  EXPECT_EQ(stretches[0].waiting, 4);
  EXPECT_EQ(stretches[0].p95, 1);
  EXPECT_EQ(stretches[299].p95, 5);
}

}  // namespace
}  // namespace weir::simulate
