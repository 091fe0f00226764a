#include <gtest/gtest.h>

#include "base/units.h"
#include "base/wall_time.h"
#include "scale/bounds.h"
#include "scale/test_world.h"

namespace weir::scale {
namespace {

WallTime at(const std::string& text) { return *parse_wall_time(text); }

struct ScheduledTest : testing::Test {
  ScheduledTest() {
    group.min = 1;
    group.max = 4;
  }
  Scheduled& add(const std::string& schedule) {
    weir::Policy policy;
    policy.scheduled.emplace().schedule = schedule;
    return *group.policies.emplace_back(policy).scheduled;
  }
  Bounds bounds_at(const std::string& time) {
    policies.clear();
    for (const auto& policy : group.policies) policies.push_back(std::move(*make_policy(policy)));
    return bounds(group, policies, at(time));
  }
  // "min-max"
  std::string limits(const std::string& time) {
    const Bounds b = bounds_at(time);
    return fmt::format("{}-{}", b.min, b.max);
  }
  std::string next(const std::string& time) {
    const Bounds b = bounds_at(time);
    return b.next ? weir::to_string(*b.next) : "never";
  }
  ScalingGroup group;
  std::vector<std::unique_ptr<Policy>> policies;
};

TEST_F(ScheduledTest, MovesTheBoundsFromATimeOnUntilTheNext) {
  Scheduled& morning = add("0 8 * * 1-5");
  morning.min = 3;
  morning.max = 8;
  Scheduled& evening = add("0 20 * * *");
  evening.min = 0;
  // 2026-11-23 is a Monday.
  EXPECT_EQ(limits("2026-11-23T07:59:59Z"), "0-8");  // of Sunday evening and Friday morning
  EXPECT_EQ(limits("2026-11-23T08:00:00Z"), "3-8");
  EXPECT_EQ(limits("2026-11-23T19:59:59Z"), "3-8");
  EXPECT_EQ(limits("2026-11-23T20:00:00Z"), "0-8");
  EXPECT_EQ(next("2026-11-23T07:59:59Z"), "2026-11-23T08:00:00.000Z");
  EXPECT_EQ(next("2026-11-23T08:00:00Z"), "2026-11-23T20:00:00.000Z");
}

TEST_F(ScheduledTest, IsOfItsTimeZone) {
  Scheduled& morning = add("30 8 * * *");
  morning.time_zone = "Europe/Berlin";
  morning.min = 2;
  EXPECT_EQ(next("2026-11-23T00:00:00Z"), "2026-11-23T07:30:00.000Z");
  EXPECT_EQ(next("2026-07-23T00:00:00Z"), "2026-07-23T06:30:00.000Z");
}

TEST_F(ScheduledTest, HoldsBetweenStartAndEnd) {
  Scheduled& morning = add("0 8 * * *");
  morning.start = "2026-12-01T08:00:00Z";
  morning.end = "2026-12-03T08:00:00Z";
  morning.min = 3;
  EXPECT_EQ(limits("2026-12-01T07:59:59Z"), "1-4");
  EXPECT_EQ(next("2026-11-20T00:00:00Z"), "2026-12-01T08:00:00.000Z");
  EXPECT_EQ(limits("2026-12-01T08:00:00Z"), "3-4");
  EXPECT_EQ(next("2026-12-02T12:00:00Z"), "2026-12-03T08:00:00.000Z");
  // As EC2's: what was set stays.
  EXPECT_EQ(limits("2026-12-20T00:00:00Z"), "3-4");
  EXPECT_EQ(next("2026-12-03T08:00:00Z"), "never");
}

TEST_F(ScheduledTest, MayBeDueOnce) {
  Scheduled& once = add("");
  once.at = "2026-12-24T08:00:00+01:00";
  once.max = 9;
  EXPECT_EQ(limits("2026-12-24T06:59:59Z"), "1-4");
  EXPECT_EQ(next("2026-12-24T06:59:59Z"), "2026-12-24T07:00:00.000Z");
  EXPECT_EQ(limits("2026-12-24T07:00:00Z"), "1-9");
  EXPECT_EQ(next("2026-12-24T07:00:00Z"), "never");
}

TEST_F(ScheduledTest, NeverRaisesTheMinimumAboveTheMaximum) {
  add("0 8 * * *").min = 7;
  EXPECT_EQ(limits("2026-12-24T09:00:00Z"), "4-4");
}

TEST_F(ScheduledTest, DoesNotWakeAGroupThatGoesAway) {
  Scheduled& morning = add("0 8 * * *");
  morning.max = 3;
  group.max = group.min = 0;
  EXPECT_EQ(limits("2026-12-24T09:00:00Z"), "0-0");
}

TEST_F(ScheduledTest, MayBeSuspended) {
  add("0 8 * * *").min = 2;
  group.suspended = {"scheduled"};
  EXPECT_EQ(limits("2026-12-24T09:00:00Z"), "1-4");
  EXPECT_EQ(next("2026-12-24T09:00:00Z"), "never");
}

// The engine: an hour's schedule in the world's time, which begins at 01:00 of the epoch.
TEST(ScheduledCapacity, IsSetOnceAndLeftToThePoliciesAfterwards) {
  TestWorld w;
  w.options.min = 0;
  w.options.idle_timeout = 10s;
  weir::Policy policy;
  policy.scheduled.emplace().at = "1970-01-01T01:01:00Z";
  policy.scheduled->desired = 3;
  w.options.policies.push_back(policy);
  w.policies.push_back(std::move(*make_policy(policy)));

  w.run(59s);
  EXPECT_EQ(w.last.desired, 0u);
  w.run(2s);
  EXPECT_EQ(w.last.desired, 3u) << w.causes();
  EXPECT_NE(w.causes().find("the schedule '1970-01-01T01:01:00Z' was due"), std::string::npos)
      << w.causes();
  w.run(60s);
  EXPECT_EQ(w.last.desired, 0u) << w.causes();  // idle for long enough: to zero

  // A weir that starts again remembers that it was done.
  Memory fresh;
  fresh.desired = 0;
  fresh.scheduled = w.memory.scheduled;
  w.memory = fresh;
  w.run(5s);
  EXPECT_EQ(w.last.desired, 0u) << w.causes();
}

TEST(ScheduledCapacity, FollowsTheBoundsOfASchedule) {
  TestWorld w;
  w.options.min = 0;
  w.options.max = 2;
  weir::Policy policy;
  policy.scheduled.emplace().schedule = "2 * * * *";
  policy.scheduled->min = 3;
  policy.scheduled->max = 5;
  w.options.policies.push_back(policy);
  w.policies.push_back(std::move(*make_policy(policy)));
  // The same schedule was due at 00:02, before the world began.
  w.run(1s);
  EXPECT_EQ(w.last.desired, 3u) << w.causes();
  EXPECT_EQ(w.last.min, 3u);
  EXPECT_EQ(w.last.max, 5u);
  w.manual(1);
  w.run(1s);
  EXPECT_EQ(w.last.desired, 3u) << w.causes();
}

}  // namespace
}  // namespace weir::scale
