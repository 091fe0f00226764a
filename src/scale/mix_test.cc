#include "scale/mix.h"

#include <gtest/gtest.h>

namespace weir::scale {
namespace {

InstanceTemplate of(std::string name, double price, bool spot = false, std::uint32_t weight = 1) {
  InstanceTemplate one;
  one.name = std::move(name);
  one.price = price;
  one.spot = spot;
  one.weight = weight;
  return one;
}

Mix mix_of(std::vector<InstanceTemplate> templates, std::string strategy = "prioritized") {
  Mix mix;
  mix.strategy = std::move(strategy);
  mix.templates = std::move(templates);
  return mix;
}

std::vector<Pool> empty(const Mix& mix) { return std::vector<Pool>(mix.templates.size()); }

// How many of each template there are once `desired` units are there.
std::vector<std::uint32_t> after(const Mix& mix, std::vector<Pool> pools, std::uint32_t desired) {
  for (const Share& share : choose_launches(mix, pools, desired)) {
    pools[share.index].living += share.count;
  }
  std::vector<std::uint32_t> result;
  for (const Pool& pool : pools) result.push_back(pool.living);
  return result;
}

using Counts = std::vector<std::uint32_t>;

struct Example {
  std::uint32_t base;
  double percentage;
  std::vector<Split> at;  // of 10, 20, 30 and 40 instances
};

// The user guide's table "Example: Scaling behavior".
TEST(Mix, SplitsAsTheFiveExamplesOfTheUserGuide) {
  const std::vector<Example> examples = {
      {10, 50, {{10, 0}, {15, 5}, {20, 10}, {25, 15}}},
      {0, 0, {{0, 10}, {0, 20}, {0, 30}, {0, 40}}},
      {0, 60, {{6, 4}, {12, 8}, {18, 12}, {24, 16}}},
      {0, 100, {{10, 0}, {20, 0}, {30, 0}, {40, 0}}},
      {12, 0, {{10, 0}, {12, 8}, {12, 18}, {12, 28}}},
  };
  for (const Example& example : examples) {
    Mix mix = mix_of({of("a", 1), of("b", 1, true)});
    mix.on_demand_base = example.base;
    mix.on_demand_percentage = example.percentage;
    for (std::uint32_t i = 0; i < 4; ++i) {
      EXPECT_EQ(split(mix, (i + 1) * 10), example.at[i]) << example.base << " " << i;
    }
    // And so it grows, ten at a time.
    std::vector<Pool> pools = empty(mix);
    for (std::uint32_t i = 0; i < 4; ++i) {
      const Counts counts = after(mix, pools, (i + 1) * 10);
      EXPECT_EQ(counts, (Counts{example.at[i].on_demand, example.at[i].spot}));
      pools[0].living = counts[0];
      pools[1].living = counts[1];
    }
  }
}

TEST(Mix, RoundsUpInFavourOfOnDemand) {
  Mix mix = mix_of({of("a", 1), of("b", 1, true)});
  mix.on_demand_percentage = 30;
  EXPECT_EQ(split(mix, 1), (Split{1, 0}));
  EXPECT_EQ(split(mix, 5), (Split{2, 3}));
  EXPECT_EQ(split(mix, 10), (Split{3, 7})) << "three is no fraction";
  mix.on_demand_percentage = 10;
  EXPECT_EQ(split(mix, 70), (Split{7, 63}));
}

TEST(Mix, HasAllOnTheSideThatThereIs) {
  Mix mix = mix_of({of("a", 1, true)});
  EXPECT_EQ(split(mix, 5), (Split{0, 5}));
  EXPECT_EQ(after(mix, empty(mix), 5), Counts{5});
  mix = mix_of({of("a", 1)});
  mix.on_demand_percentage = 0;
  EXPECT_EQ(split(mix, 5), (Split{5, 0}));
}

// "Price per unit hour": us-east-1a; 12 and 24 cost 0.065 a unit, and 24 a little less.
TEST(Mix, ComparesPricesByTheUnit) {
  const Mix mix = mix_of({of("c5.2xlarge", 0.180, true, 2), of("c5.4xlarge", 0.341, true, 4),
                          of("c5.12xlarge", 0.779, true, 12), of("c5.18xlarge", 1.207, true, 18),
                          of("c5.24xlarge", 1.555, true, 24)},
                         "lowest_price");
  EXPECT_EQ(after(mix, empty(mix), 48), (Counts{0, 0, 0, 0, 2}));
}

// "If there are 5 units remaining and it provisions a c5.12xlarge, desired is exceeded by 7."
TEST(Mix, ExceedsDesiredByLessThanOneInstance) {
  const Mix mix =
      mix_of({of("c5.2xlarge", 1, false, 2), of("c5.12xlarge", 0.5, false, 12)}, "lowest_price");
  std::vector<Pool> pools = empty(mix);
  pools[0].living = 5;
  EXPECT_EQ(after(mix, pools, 15), (Counts{5, 1}));
  EXPECT_TRUE(choose_launches(mix, std::vector<Pool>{{5, 0, {}}, {1, 0, {}}}, 20).empty());
}

TEST(Mix, TakesTheOrderOfTheListWherePrioritized) {
  const Mix mix = mix_of({of("first", 9), of("second", 1)});
  EXPECT_EQ(after(mix, empty(mix), 3), (Counts{3, 0}));
}

TEST(Mix, GoesOnWithTheNextTemplateWhereOneHasNoRoom) {
  const Mix mix = mix_of({of("a", 1, true), of("b", 2, true), of("c", 1)}, "lowest_price");
  std::vector<Pool> pools = empty(mix);
  pools[0].room = 2;
  Mix spot = mix;
  spot.on_demand_percentage = 0;
  EXPECT_EQ(after(spot, pools, 5), (Counts{2, 3, 0}));
  pools[1].room = 0;
  EXPECT_EQ(after(spot, pools, 5), (Counts{5, 0, 0})) << "it waits, rather than to pay on demand";
}

TEST(Mix, UsesReservedInstancesFirst) {
  Mix mix = mix_of({of("cheap", 1), of("reserved", 5)}, "lowest_price");
  mix.templates[1].reserved = 2;
  EXPECT_EQ(after(mix, empty(mix), 1), (Counts{0, 1}));
  EXPECT_EQ(after(mix, empty(mix), 4), (Counts{2, 2}));
}

TEST(Mix, AvoidsWhatIsOftenInterruptedWherePriceAndCapacityCount) {
  const Mix mix = mix_of({of("cheap", 1, true), of("steady", 2, true), of("dear", 3, true)},
                         "price_capacity_optimized");
  std::vector<Pool> pools = empty(mix);
  EXPECT_EQ(after(mix, pools, 2), (Counts{2, 0, 0}));
  pools[0].troubles = 1;
  EXPECT_EQ(after(mix, pools, 2), (Counts{0, 2, 0}));
}

TEST(Mix, TakesAwayFromTheSideThatHasTooMany) {
  Mix mix = mix_of({of("on demand", 4), of("spot", 1, true)});
  mix.on_demand_percentage = 50;
  const auto more_spot = leaving_order(mix, std::vector<Pool>{{2, 0, {}}, {4, 0, {}}}, 5);
  EXPECT_LT(more_spot[1].side, more_spot[0].side);
  const auto more_on_demand = leaving_order(mix, std::vector<Pool>{{4, 0, {}}, {2, 0, {}}}, 5);
  EXPECT_LT(more_on_demand[0].side, more_on_demand[1].side);
}

TEST(Mix, TakesAwayTheDearestAndKeepsWhatIsReserved) {
  Mix mix = mix_of({of("cheap", 1), of("dear", 3), of("reserved", 9)}, "lowest_price");
  mix.templates[2].reserved = 1;
  const auto order = leaving_order(mix, std::vector<Pool>{{1, 0, {}}, {1, 0, {}}, {1, 0, {}}}, 2);
  EXPECT_LT(order[1].rank, order[0].rank);
  EXPECT_LT(order[0].rank, order[2].rank);
  const auto spent = leaving_order(mix, std::vector<Pool>{{1, 0, {}}, {1, 0, {}}, {2, 0, {}}}, 2);
  EXPECT_LT(spent[2].rank, spent[1].rank) << "one more than is reserved is the dearest";
}

}  // namespace
}  // namespace weir::scale
