#include "control/ownership.h"

#include <gtest/gtest.h>

namespace weir::control {
namespace {

Desired with_groups(std::initializer_list<const char*> names) {
  Desired desired;
  for (const char* name : names) desired.target_groups[name];
  return desired;
}

TEST(Ownership, TakesAwayWhatTheFileNoLongerDeclares) {
  Ownership ownership;
  const Desired first = with_groups({"a", "b"});
  ownership.update(first, first, "x.yaml");

  const Desired next = ownership.merge(first, with_groups({"b", "c"}), "x.yaml", true);

  EXPECT_EQ(next, with_groups({"b", "c"}));
}

TEST(Ownership, KeepsWhatAnotherOwns) {
  Ownership ownership;
  const Desired first = with_groups({"a", "b"});
  ownership.update(first, with_groups({"a"}), "x.yaml");
  ownership.update(first, with_groups({"b"}), "api");

  const Desired next = ownership.merge(first, with_groups({}), "x.yaml", true);

  EXPECT_EQ(next, with_groups({"b"}));
  EXPECT_EQ(ownership.owner(kTargetGroup, "b"), "api");
}

TEST(Ownership, OfAlarmsIsAsOfAnyOtherResource) {
  Ownership ownership;
  Desired now = with_groups({"a"});
  now.alarms["busy"];
  ownership.update(now, now, "x.yaml");
  Desired other;
  other.alarms["late"];

  const Desired next = ownership.merge(now, other, "other.yaml", false);

  EXPECT_TRUE(next.alarms.contains("busy"));
  EXPECT_TRUE(next.alarms.contains("late"));
}

TEST(Ownership, LetsTheFileWinForWhatItDeclares) {
  Ownership ownership;
  Desired now = with_groups({"a"});
  now.target_groups["a"].max_in_flight = 7;
  ownership.update(now, now, "api");

  const Desired next = ownership.merge(now, with_groups({"a"}), "x.yaml", true);

  EXPECT_EQ(next.target_groups.at("a").max_in_flight, 0u);
}

TEST(Ownership, LeavesTheProcessItsOwnSectionsWhenAnotherFileIsApplied) {
  Ownership ownership;
  Desired now = with_groups({});
  now.workers = 3;
  Desired file = with_groups({"a"});
  file.workers = 9;

  EXPECT_EQ(ownership.merge(now, file, "other.yaml", false).workers, 3u);
  EXPECT_EQ(ownership.merge(now, file, "served.yaml", true).workers, 9u);
}

}  // namespace
}  // namespace weir::control
