#include "control/builder.h"

#include <gtest/gtest.h>

namespace weir::control {
namespace {

Desired two_groups() {
  Desired desired;
  desired.target_groups["a"];
  desired.target_groups["b"];
  Listener listener;
  listener.bind = {"127.0.0.1:0"};
  listener.default_action = Forward{{{"a", 1}}};
  desired.listeners["l"] = listener;
  return desired;
}

using Backends = std::map<std::string, std::vector<Backend>>;

Backend at(std::string address) { return Backend{std::move(address), 1, "", "", false}; }

TEST(Builder, SharesWhatDidNotChange) {
  Builder builder;
  Desired desired = two_groups();
  const Backends backends{{"a", {at("127.0.0.1:1")}}, {"b", {at("127.0.0.1:2")}}};
  const auto first = *builder.build(desired, backends, {});
  desired.target_groups["b"].max_in_flight = 3;

  const auto second = *builder.build(desired, backends, {});

  EXPECT_EQ(second->version, first->version + 1);
  EXPECT_EQ(first->listeners[0], second->listeners[0]);
  EXPECT_EQ(first->groups[first->group("a")->slot], second->groups[second->group("a")->slot]);
  EXPECT_NE(first->group("b"), second->group("b"));
  EXPECT_EQ(first->group("b")->load, second->group("b")->load);
  EXPECT_EQ(first->group("b")->endpoints[0], second->group("b")->endpoints[0]);
  EXPECT_EQ(first->group("b")->plan, second->group("b")->plan);
}

TEST(Builder, GivesAFreedSlotToTheNextEndpointButNeverItsId) {
  Builder builder;
  const Desired desired = two_groups();
  const auto first = *builder.build(desired, {{"a", {at("127.0.0.1:1")}}}, {});
  const auto second = *builder.build(desired, {}, {});

  const auto third = *builder.build(desired, {{"a", {at("127.0.0.1:1")}}}, {});

  EXPECT_TRUE(second->group("a")->endpoints.empty());
  EXPECT_TRUE(first->group("a")->endpoints[0]->load->draining);
  EXPECT_EQ(third->group("a")->endpoints[0]->slot, first->group("a")->endpoints[0]->slot);
  EXPECT_NE(third->group("a")->endpoints[0]->id, first->group("a")->endpoints[0]->id);
}

TEST(Builder, KeepsTheCountsOfAnEndpointThatIsReachedOverTlsNow) {
  Builder builder;
  Desired desired = two_groups();
  const Backends backends{{"a", {at("127.0.0.1:1")}}};
  const auto first = *builder.build(desired, backends, {});
  desired.target_groups["a"].protocol = "https";
  const auto second = *builder.build(desired, backends, {});
  desired.target_groups["b"].max_in_flight = 3;
  const auto third = *builder.build(desired, backends, {});

  const auto& before = *first->group("a")->endpoints[0];
  const auto& now = *second->group("a")->endpoints[0];
  EXPECT_EQ(before.tls, nullptr);
  EXPECT_NE(now.tls, nullptr);
  EXPECT_EQ(second->group("a")->tls, now.tls);
  EXPECT_EQ(now.id, before.id);
  EXPECT_EQ(now.load, before.load);
  EXPECT_EQ(third->group("a"), second->group("a")) << "nothing of it has changed";
}

TEST(Builder, ChecksByTlsWhatIsServedInTheClear) {
  Builder builder;
  Desired desired = two_groups();
  desired.target_groups["a"].health_check.protocol = "https";
  const auto built = *builder.build(desired, {{"a", {at("127.0.0.1:1")}}}, {});

  EXPECT_EQ(built->group("a")->tls, nullptr);
  EXPECT_NE(built->group("a")->endpoints[0]->tls, nullptr);
}

TEST(Builder, TellsWhereTlsIsWrongBeforeAnythingIsBuilt) {
  Builder builder;
  Desired desired = two_groups();
  desired.listeners["l"].protocol = "https";
  desired.listeners["l"].tls.certificates = {{"/nowhere.pem", "", ""}};
  desired.target_groups["a"].protocol = "https";
  desired.target_groups["a"].tls.ca = "/nowhere.pem";

  const auto problems = builder.prepare_tls(desired);

  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].where, "listeners.l.tls.certificates[0].certificate");
  EXPECT_EQ(problems[0].what, "file '/nowhere.pem' does not exist");
  EXPECT_EQ(problems[1].where, "target_groups.a.tls.ca");
}

TEST(Builder, KeepsTheCountsOfAnEndpointWhoseWeightChanges) {
  Builder builder;
  const Desired desired = two_groups();
  const auto first = *builder.build(desired, {{"a", {at("127.0.0.1:1")}}}, {});
  Backend heavier = at("127.0.0.1:1");
  heavier.weight = 9;

  const auto second = *builder.build(desired, {{"a", {heavier}}}, {});

  EXPECT_EQ(second->group("a")->endpoints[0]->weight, 9u);
  EXPECT_EQ(second->group("a")->endpoints[0]->id, first->group("a")->endpoints[0]->id);
  EXPECT_EQ(second->group("a")->endpoints[0]->load, first->group("a")->endpoints[0]->load);
}

TEST(Builder, MarksWhatIsTakenOutByHandAndTakesItBack) {
  Builder builder;
  const Desired desired = two_groups();
  Backend out = at("127.0.0.1:1");
  out.draining = true;
  const auto first = *builder.build(desired, {{"a", {out}}}, {});
  const bool drained = first->group("a")->endpoints[0]->load->draining;

  const auto second = *builder.build(desired, {{"a", {at("127.0.0.1:1")}}}, {});

  EXPECT_TRUE(drained);
  EXPECT_FALSE(second->group("a")->endpoints[0]->load->draining);
  EXPECT_EQ(first->group("a"), second->group("a"));
}

TEST(Builder, NamesTheGroupsThatCanScale) {
  Builder builder;

  const auto built = *builder.build(two_groups(), {}, {"b"});

  EXPECT_FALSE(built->group("a")->scalable);
  EXPECT_TRUE(built->group("b")->scalable);
}

TEST(Builder, ForgetsAGroupThatIsGone) {
  Builder builder;
  Desired desired = two_groups();
  const auto first = *builder.build(desired, {}, {});
  desired.target_groups.erase("b");

  const auto second = *builder.build(desired, {}, {});

  EXPECT_EQ(second->group("b"), nullptr);
  EXPECT_NE(first->group("b"), nullptr);
}

TEST(Builder, TellsZonesApart) {
  Builder builder;
  Desired desired = two_groups();
  desired.zone = "east";
  desired.cross_zone = "spill";
  desired.target_groups["b"].cross_zone = "off";
  const Backends backends{
      {"a", {{"127.0.0.1:1", 1, "east", "", false}, {"127.0.0.1:2", 1, "west", "", false}}},
      {"b", {{"127.0.0.1:3", 1, "west", "", false}, {"127.0.0.1:4", 1, "", "", false}}}};

  const auto first = *builder.build(desired, backends, {});
  const auto second = *builder.build(desired, backends, {}, {"west"});

  const Group& a = *first->group("a");
  EXPECT_EQ(a.zones, (ZoneRules{CrossZone::spill, a.endpoints[0]->zone_index, 0}));
  EXPECT_NE(a.endpoints[0]->zone_index, a.endpoints[1]->zone_index);
  EXPECT_EQ(first->group("b")->zones, ZoneRules{});  // nothing of it is in our zone
  EXPECT_EQ(first->group("b")->endpoints[0]->zone_index, a.endpoints[1]->zone_index);
  EXPECT_EQ(first->group("b")->endpoints[1]->zone_index, 0);
  EXPECT_EQ(second->group("a")->zones.away, 1u << a.endpoints[1]->zone_index);
  EXPECT_EQ(second->group("a")->endpoints, a.endpoints);
}

}  // namespace
}  // namespace weir::control
