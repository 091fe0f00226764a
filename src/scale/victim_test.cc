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

constexpr Time kNow(10h);

std::vector<Victim> victims(const std::vector<InstanceFacts>& all, std::size_t count,
                            const std::vector<std::string>& policies = {"least_work"}) {
  return choose_victims(all, count, policies, kNow);
}

std::vector<std::string> ids(const std::vector<InstanceFacts>& all, std::size_t count,
                             const std::vector<std::string>& policies = {"least_work"}) {
  std::vector<std::string> result;
  for (const Victim& v : victims(all, count, policies)) result.push_back(all[v.index].id);
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
  EXPECT_EQ(victims(all, 1)[0].reason, "it had not been started: no free GPU");
}

TEST(Victim, OfEqualsIsTheOlderTemplateThenTheYoungerInstance) {
  std::vector<InstanceFacts> all = {serving("a", 0), serving("b", 0), serving("c", 0)};
  all[0].version = all[1].version = all[2].version = 2;
  all[1].launched = Time(99s);
  EXPECT_EQ(ids(all, 1), Ids{"b"});

  all[2].version = 1;
  EXPECT_EQ(ids(all, 1), Ids{"c"});
}

InstanceFacts launched(std::string id, Duration ago, std::uint32_t version = 1,
                       std::string zone = "") {
  InstanceFacts i = serving(std::move(id), 0, std::move(zone));
  i.launched = kNow - ago;
  i.version = version;
  return i;
}

TEST(Victim, IsChosenByThePoliciesOfTheGroup) {
  const std::vector<InstanceFacts> all = {launched("a", 3h + 10min, 2),
                                          launched("b", 2h + 50min, 1),
                                          launched("c", 1h + 58min, 2), launched("d", 5min, 3)};
  EXPECT_EQ(ids(all, 2, {"oldest_instance"}), (Ids{"a", "b"}));
  EXPECT_EQ(ids(all, 2, {"newest_instance"}), (Ids{"d", "c"}));
  EXPECT_EQ(ids(all, 2, {"closest_to_next_instance_hour"}), (Ids{"c", "b"}));
  EXPECT_EQ(ids(all, 3, {"oldest_launch_template", "newest_instance"}), (Ids{"b", "c", "a"}));
  EXPECT_EQ(ids(all, 3, {"oldest_launch_template", "oldest_instance"}), (Ids{"b", "a", "c"}));
  EXPECT_EQ(ids(all, 4, {"default"}), (Ids{"b", "c", "a", "d"}));
}

TEST(Victim, ComesWithTheReasonThatToldItFromTheOthers) {
  const std::vector<InstanceFacts> all = {launched("a", 3h, 2), launched("b", 2h + 50min, 1),
                                          launched("c", 1h + 58min, 1)};
  EXPECT_EQ(victims(all, 1, {"oldest_instance"})[0].reason, "oldest instance, launched 3h ago");
  EXPECT_EQ(victims(all, 1, {"newest_instance"})[0].reason, "newest instance, launched 1h58m ago");
  EXPECT_EQ(victims(all, 1, {"default"})[0].reason, "closest to its next full hour, in 2m");
  EXPECT_EQ(victims(all, 1, {"oldest_launch_template"})[0].reason,
            "oldest launch template, version 1");
  EXPECT_EQ(victims({all[0], all[1]}, 1)[0].reason, "oldest launch template, version 1");
  EXPECT_EQ(victims({all[0]}, 1)[0].reason, "least remaining work, 0 requests in flight");
}

// EC2's user guide: with the default policy the zone comes first, then the oldest template, then
// the next full hour.
TEST(Victim, IsWhatEc2sDefaultPolicyWouldTake) {
  const std::vector<InstanceFacts> all = {
      launched("a1", 3h + 59min, 1, "a"), launched("b1", 2h + 10min, 2, "b"),
      launched("b2", 2h + 20min, 1, "b"), launched("b3", 2h + 30min, 1, "b")};
  EXPECT_EQ(ids(all, 3, {"default"}), (Ids{"b3", "b2", "a1"}));
}

TEST(Victim, IsNeverOneThatIsProtected) {
  std::vector<InstanceFacts> all = {serving("a", 0, "z1"), serving("b", 5, "z2"),
                                    serving("c", 7, "z2"), serving("d", 9, "z2")};
  all[1].is_protected = all[2].is_protected = true;
  EXPECT_EQ(ids(all, 4), (Ids{"d", "a"}));
  all[3].is_protected = true;  // the fullest zone has none to give
  EXPECT_EQ(ids(all, 4), Ids{"a"});
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
