#include "scale/sharing.h"

#include <gtest/gtest.h>

namespace weir::scale {
namespace {

constexpr Time kNow(10h);

// A group whose only instance has been idle for so long, and up for an hour.
Sharer idle(std::string name, Duration time, std::uint32_t devices = 1) {
  Sharer group;
  group.name = name;
  group.capacity = 1;
  group.holders = {{name + "-1", devices, kNow - time, kNow - 1h, false, false}};
  return group;
}

Sharer waiting(std::string name, std::uint32_t wanted = 1, Duration time = 1s) {
  Sharer group;
  group.name = std::move(name);
  group.capacity = 1;
  group.waiting = 2;
  group.wanted = wanted;
  group.waiting_since = kNow - time;
  return group;
}

std::vector<std::string> who(const std::vector<Sharer>& groups, std::uint32_t free = 0) {
  std::vector<std::string> ids;
  for (const Yield& yield : share(groups, free, kNow).yields) ids.push_back(yield.instance);
  return ids;
}

using Ids = std::vector<std::string>;

TEST(Sharing, AnIdleInstanceGivesWayToWhoWaits) {
  const std::vector<Sharer> groups = {idle("a", 60s), waiting("b")};

  const Sharings result = share(groups, 0, kNow);

  ASSERT_EQ(result.yields.size(), 1u);
  EXPECT_EQ(result.yields[0].group, "a");
  EXPECT_EQ(result.yields[0].reason,
            "2 requests of group b wait for its device, and it had been idle for 1m");
}

TEST(Sharing, NobodyGivesWayWhereADeviceIsFreeOrComing) {
  EXPECT_EQ(who({idle("a", 60s), waiting("b")}, 1), Ids{});
  std::vector<Sharer> groups = {idle("a", 60s), idle("c", 90s), waiting("b")};
  groups[0].holders[0].leaving = true;
  EXPECT_EQ(who(groups), Ids{});
}

TEST(Sharing, NobodyGivesWayToAnInstanceThatNoRequestWaitsFor) {
  std::vector<Sharer> groups = {idle("a", 60s), waiting("b")};
  groups[1].waiting = 0;
  EXPECT_EQ(who(groups), Ids{});
}

TEST(Sharing, WhoHasRequestsKeepsItsDevice) {
  std::vector<Sharer> groups = {idle("a", 60s), waiting("b")};
  groups[0].holders[0].idle_since.reset();
  EXPECT_EQ(who(groups), Ids{});
  groups[0] = idle("a", 60s);
  groups[0].waiting = 1;
  EXPECT_EQ(who(groups), Ids{}) << "one in line will be with it in a moment";
}

TEST(Sharing, AShortRestIsNotEnoughButForAHigherPriority) {
  std::vector<Sharer> groups = {idle("a", 4s), waiting("b")};
  EXPECT_EQ(who(groups), Ids{});
  EXPECT_EQ(share(groups, 0, kNow).next, kNow + 6s);
  groups[1].options.priority = 1;
  EXPECT_EQ(who(groups), Ids{"a-1"});
}

TEST(Sharing, WhatJustCameUpKeepsItsDeviceWhoeverWaits) {
  std::vector<Sharer> groups = {idle("a", 20s), waiting("b")};
  groups[0].holders[0].up_since = kNow - 20s;
  groups[1].options.priority = 9;
  EXPECT_EQ(who(groups), Ids{});
  EXPECT_EQ(share(groups, 0, kNow).next, kNow + 10s);
}

TEST(Sharing, TheMinimumIsKeptButByWhoMayBePreempted) {
  std::vector<Sharer> groups = {idle("a", 60s), waiting("b")};
  groups[0].min = 1;
  EXPECT_EQ(who(groups), Ids{});
  groups[0].options.preemptible = true;
  EXPECT_EQ(who(groups), Ids{}) << "only by a higher priority";
  groups[1].options.priority = 1;
  EXPECT_EQ(who(groups), Ids{"a-1"});
}

TEST(Sharing, TheLowestPriorityGoesFirstThenTheLongestIdle) {
  std::vector<Sharer> groups = {idle("a", 100s), idle("b", 200s), idle("c", 50s), waiting("w")};
  EXPECT_EQ(who(groups), Ids{"b-1"});
  groups[2].options.priority = -1;
  EXPECT_EQ(who(groups), Ids{"c-1"});
}

TEST(Sharing, NoneGivesWayInVain) {
  std::vector<Sharer> groups = {idle("a", 100s), idle("b", 200s), waiting("w", 3)};
  EXPECT_EQ(who(groups), Ids{});
  groups[2].wanted = 2;
  EXPECT_EQ(who(groups), (Ids{"b-1", "a-1"}));
  EXPECT_EQ(who(groups, 1), Ids{"b-1"});
}

TEST(Sharing, TheHigherPriorityIsServedFirstAndTheRestWaits) {
  std::vector<Sharer> groups = {idle("a", 100s), waiting("low", 1, 60s), waiting("high", 1, 1s)};
  groups[2].options.priority = 1;
  const Sharings result = share(groups, 0, kNow);
  ASSERT_EQ(result.yields.size(), 1u);
  EXPECT_NE(result.yields[0].reason.find("group high"), std::string::npos);
}

TEST(Sharing, TwoWhoWaitGetTwo) {
  EXPECT_EQ(who({idle("a", 100s), idle("b", 200s), waiting("x"), waiting("y")}),
            (Ids{"b-1", "a-1"}));
}

TEST(Sharing, AProtectedInstanceStays) {
  std::vector<Sharer> groups = {idle("a", 100s), waiting("b")};
  groups[0].holders[0].is_protected = true;
  EXPECT_EQ(who(groups), Ids{});
}

}  // namespace
}  // namespace weir::scale
