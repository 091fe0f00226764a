#include "model/latency_goal.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(LatencyGoal, IsOfTheWholeRequestUnlessItSaysOtherwise) {
  EXPECT_EQ(*parse_latency_goal("p95<2s"), (LatencyGoal{LatencyGoal::Of::total, 95, 2s}));
  EXPECT_EQ(*parse_latency_goal("first_byte p99.5 < 500ms"),
            (LatencyGoal{LatencyGoal::Of::first_byte, 99.5, 500ms}));
  EXPECT_EQ(*parse_latency_goal("wait p50<1m30s"), (LatencyGoal{LatencyGoal::Of::wait, 50, 90s}));
}

TEST(LatencyGoal, PrintsAsItParses) {
  for (const char* text : {"p95<2s", "first_byte p99.5<500ms", "wait p50<1m30s"}) {
    EXPECT_EQ(to_string(*parse_latency_goal(text)), text);
  }
}

TEST(LatencyGoal, SaysWhatIsWrongWithAText) {
  for (const char* text : {"", "95<2s", "p95", "p95>2s", "p0<2s", "p100<2s", "px<2s", "p95<",
                           "p95<0s", "p95<2 apples", "median<2s", "p95<-1s", "pnan<2s"}) {
    const auto goal = parse_latency_goal(text);
    ASSERT_FALSE(goal) << text;
    EXPECT_FALSE(goal.error().message.empty()) << text;
  }
}

}  // namespace
}  // namespace weir
