#include "judge/zones.h"

#include <gtest/gtest.h>

#include "judge/panic.h"

namespace weir::judge {
namespace {

// Zones 1, 2, 3 with so many healthy of so many endpoints of weight 1.
ZoneTable zones(std::initializer_list<std::pair<std::uint32_t, std::uint32_t>> list) {
  ZoneTable table{};
  std::size_t i = 1;
  for (const auto& [healthy, total] : list) table[i++] = {healthy, total, 1.0 * healthy};
  return table;
}

void expect(const ZoneShares& shares, std::array<double, 3> expected) {
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(shares[i + 1], expected[i], 1e-9) << i + 1;
}

TEST(Zones, KeepAllWhileTheyCanTakeWhatTheyAreDue) {
  expect(zone_shares(zones({{4, 4}, {4, 4}, {4, 4}}), 1, 0), {1, 0, 0});
  expect(zone_shares(zones({{6, 6}, {4, 4}, {2, 2}}), 1, 0), {1, 0, 0});
}

// Envoy's: due a third each; of 12 the zones can take 2, 4 and 6. Zone 1 keeps (2/12)/(1/3); the
// rest goes where there is more than a third.
TEST(Zones, SpillTheRestToWhereThereIsRoom) {
  expect(zone_shares(zones({{2, 2}, {4, 4}, {6, 6}}), 1, 0), {0.5, 0, 0.5});
  expect(zone_shares(zones({{1, 1}, {5, 5}, {6, 6}}), 1, 0), {0.25, 0.25, 0.5});
}

TEST(Zones, SpillWhenEndpointsFail) {
  expect(zone_shares(zones({{2, 4}, {4, 4}, {4, 4}}), 1, 0), {0.6, 0.2, 0.2});
  expect(zone_shares(zones({{0, 4}, {4, 4}, {4, 4}}), 1, 0), {0, 0.5, 0.5});
}

TEST(Zones, CountWeightsNotHeads) {
  ZoneTable table = zones({{1, 1}, {4, 4}});
  table[1].weight = 4;
  expect(zone_shares(table, 1, 0), {1, 0, 0});
}

TEST(Zones, ThatAreOutTakeNothingAndAreDueNothing) {
  expect(zone_shares(zones({{4, 4}, {4, 4}, {4, 4}}), 1, 1u << 2), {1, 0, 0});
  expect(zone_shares(zones({{4, 4}, {2, 2}, {2, 2}}), 1, 1u << 1), {0, 0.5, 0.5});
  expect(zone_shares(zones({{2, 2}, {4, 4}, {6, 6}}), 1, 1u << 3), {2.0 / 3, 1.0 / 3, 0});
}

TEST(Zones, ShareNothingWhereNobodyIsHealthy) {
  expect(zone_shares(zones({{0, 4}, {0, 4}}), 1, 0), {0, 0, 0});
}

TEST(Zones, PanicEachForItself) {
  const ZoneTable table = zones({{0, 2}, {1, 4}, {3, 4}});
  EXPECT_EQ(panicking(table, 0), 1u << 1);
  EXPECT_EQ(panicking(table, 0.5), 1u << 1 | 1u << 2);
}

std::shared_ptr<const Endpoint> endpoint(std::uint8_t zone, Health health) {
  auto one = std::make_shared<Endpoint>();
  one->zone_index = zone;
  one->weight = 3;
  one->load = std::make_shared<Load>();
  one->load->health = health;
  return one;
}

TEST(Zones, AreCountedFromTheirEndpoints) {
  const std::vector<std::shared_ptr<const Endpoint>> group = {
      endpoint(1, Health::healthy), endpoint(1, Health::unhealthy), endpoint(2, Health::starting),
      endpoint(2, Health::healthy)};
  group[3]->load->draining = true;

  const ZoneTable table = zone_facts(group, true, Time(1s));

  EXPECT_EQ(table[1].healthy, 1u);
  EXPECT_EQ(table[1].total, 2u);
  EXPECT_EQ(table[1].weight, 3);
  EXPECT_EQ(table[2].total, 0u);
}

TEST(Panic, LooksAtWhatWasShiftedAwayOnlyWhenThereIsNothingElse) {
  const std::vector<std::shared_ptr<const Endpoint>> group = {endpoint(1, Health::healthy),
                                                              endpoint(2, Health::healthy)};
  const auto fitness = [&](std::uint32_t away) {
    return count_fitness(group, true, Time(1s), away);
  };
  EXPECT_FALSE(panic(fitness(1u << 1), 0.9));  // one of one
  EXPECT_TRUE(panic(fitness(1u << 1 | 1u << 2), 0));
  group[1]->load->health = Health::unhealthy;
  EXPECT_TRUE(panic(fitness(1u << 1), 0));
}

}  // namespace
}  // namespace weir::judge
