// How a pick takes zones into account, whatever the algorithm.
#include <gtest/gtest.h>

#include "balance/test_group.h"

namespace weir::balance {
namespace {

class EachZone : public testing::Test {
 protected:
  EachZone() : g(4, algorithm("least_request")) {
    for (std::size_t i = 0; i < 4; ++i) g.endpoints[i]->zone_index = i < 2 ? 1 : 2;
  }
  // The part of 10,000 picks that goes to zone 1.
  double in_zone_1() {
    int near = 0;
    for (int n = 0; n < 10000; ++n) near += g.pick().value_or(3) < 2;
    return near / 10000.0;
  }
  TestGroup g;
};

TEST_F(EachZone, TakesAllAlikeByDefault) { EXPECT_NEAR(in_zone_1(), 0.5, 0.03); }

TEST_F(EachZone, KeepsItsShareAndSpillsTheRest) {
  g.group.zones = ZoneRules{CrossZone::spill, 1, 0};
  g.group.load->zone_shares[1] = 65535 * 3 / 4;
  g.group.load->zone_shares[2] = 65535 / 4;
  EXPECT_NEAR(in_zone_1(), 0.75, 0.03);
}

TEST_F(EachZone, SpillsWhatHasNoSlotAtHome) {
  g.group.zones = ZoneRules{CrossZone::spill, 1, 0};
  g.group.load->zone_shares[1] = 65535;
  g.group.options.max_in_flight = 1;
  g.load(0).in_flight = g.load(1).in_flight = 1;
  EXPECT_EQ(in_zone_1(), 0);
}

TEST_F(EachZone, StaysAtHomeWithCrossZoneOff) {
  g.group.zones = ZoneRules{CrossZone::off, 1, 0};
  EXPECT_EQ(in_zone_1(), 1);

  g.load(0).health = g.load(1).health = Health::unhealthy;
  EXPECT_FALSE(g.pick());  // until the zone panics: then health is ignored in it
  g.group.load->zone_panic = 1u << 1;
  EXPECT_EQ(in_zone_1(), 1);
}

TEST_F(EachZone, TakesNothingThatWasShiftedAwayUnlessAllPanics) {
  g.group.zones.away = 1u << 1;
  EXPECT_EQ(in_zone_1(), 0);

  g.load(2).health = g.load(3).health = Health::unhealthy;
  g.group.load->panic = true;
  EXPECT_NEAR(in_zone_1(), 0.5, 0.03);
}

}  // namespace
}  // namespace weir::balance
