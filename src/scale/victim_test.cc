#include "scale/victim.h"

#include <gtest/gtest.h>

namespace weir::scale {
namespace {

InstanceFacts serving(std::string id, std::uint32_t in_flight, std::string zone = "") {
  InstanceFacts i;
  i.id = std::move(id);
  i.state = Lifecycle::in_service;
  i.healthy = true;
  i.in_flight = in_flight;
  i.zone = std::move(zone);
  i.launched = Time(10s);
  return i;
}

std::vector<std::string> ids(const std::vector<InstanceFacts>& all, std::size_t count) {
  std::vector<std::string> result;
  for (const Victim& v : choose_victims(all, count)) result.push_back(all[v.index].id);
  return result;
}

using Ids = std::vector<std::string>;

TEST(Victim, HasTheLeastRemainingWork) {
  std::vector<InstanceFacts> all = {serving("a", 3), serving("b", 1), serving("c", 2)};
  EXPECT_EQ(ids(all, 1), Ids{"b"});

  for (auto& i : all) i.remaining_work = 10;
  all[0].remaining_work = 2;  // three requests, but nearly done
  EXPECT_EQ(ids(all, 2), (Ids{"a", "b"}));
}

TEST(Victim, ComesFromTheZoneWithMostInstances) {
  const std::vector<InstanceFacts> all = {serving("a", 0, "z1"), serving("b", 5, "z2"),
                                          serving("c", 7, "z2"), serving("d", 9, "z2")};
  EXPECT_EQ(ids(all, 2), (Ids{"b", "c"}));
  EXPECT_EQ(ids(all, 3), (Ids{"b", "c", "a"}));  // one left in each: the least work
}

TEST(Victim, IsSomebodyWhoServesNobodyIfThereIsOne) {
  std::vector<InstanceFacts> all = {serving("a", 0), serving("sick", 4), serving("new", 0),
                                    serving("stuck", 0)};
  all[1].healthy = false;
  all[2].state = Lifecycle::pending;
  all[3].state = Lifecycle::pending;
  all[3].waiting_for = "no free GPU";

  EXPECT_EQ(ids(all, 4), (Ids{"stuck", "new", "sick", "a"}));
  EXPECT_EQ(choose_victims(all, 1)[0].reason, "it had not been started: no free GPU");
}

TEST(Victim, OfEqualsIsTheOlderTemplateThenTheYoungerInstance) {
  std::vector<InstanceFacts> all = {serving("a", 0), serving("b", 0), serving("c", 0)};
  all[0].version = all[1].version = all[2].version = 2;
  all[1].launched = Time(99s);
  EXPECT_EQ(ids(all, 1), Ids{"b"});

  all[2].version = 1;
  EXPECT_EQ(ids(all, 1), Ids{"c"});
}

TEST(Victim, IsNeverOneThatGoesAlready) {
  std::vector<InstanceFacts> all = {serving("a", 0), serving("b", 0), serving("c", 9)};
  all[0].state = Lifecycle::terminating;
  all[1].exited = true;

  EXPECT_EQ(ids(all, 3), Ids{"c"});
  EXPECT_TRUE(ids({}, 3).empty());
}

}  // namespace
}  // namespace weir::scale
