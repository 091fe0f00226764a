#include "scale/cost.h"

#include <gtest/gtest.h>

namespace weir::scale {
namespace {

constexpr WallTime kNoon{20'000 * 24h + 12h};

TEST(Cost, IsTimesPriceWhatRan) {
  Ledger ledger;
  look(ledger, {2, 5.0}, kNoon);
  look(ledger, {4, 10.0}, kNoon + 1h);
  look(ledger, {0, 0}, kNoon + 90min);

  EXPECT_DOUBLE_EQ(ledger.total.instance_hours, 4);
  EXPECT_DOUBLE_EQ(ledger.total.money, 10);
  EXPECT_EQ(ledger.total, ledger.today);
}

TEST(Cost, IsLessThanThatOfAFleetOfThePeakSize) {
  Ledger ledger;
  look(ledger, {1, 2.0}, kNoon);
  look(ledger, {4, 8.0}, kNoon + 3h);
  look(ledger, {1, 2.0}, kNoon + 4h);
  look(ledger, {1, 2.0}, kNoon + 8h);

  EXPECT_DOUBLE_EQ(ledger.total.money, 3 * 2 + 8 + 4 * 2);
  EXPECT_DOUBLE_EQ(fixed_fleet(ledger).money, 8 * 8);
  EXPECT_DOUBLE_EQ(saved_share(ledger), 1 - 22.0 / 64);
}

TEST(Cost, IsSavedInInstanceHoursWhereNoPriceIsGiven) {
  Ledger ledger;
  look(ledger, {4, 0}, kNoon);
  look(ledger, {0, 0}, kNoon + 1h);
  look(ledger, {0, 0}, kNoon + 4h);

  EXPECT_DOUBLE_EQ(saved_share(ledger), 0.75);
  EXPECT_EQ(saved_share(Ledger()), 0);
}

TEST(Cost, OfTodayBeginsAtMidnight) {
  Ledger ledger;
  look(ledger, {1, 1.0}, kNoon);
  look(ledger, {1, 1.0}, kNoon + 14h);

  EXPECT_DOUBLE_EQ(ledger.total.money, 14);
  EXPECT_DOUBLE_EQ(ledger.today.money, 2);
  EXPECT_EQ(ledger.day, 20'001);

  look(ledger, {1, 1.0}, kNoon + 14h + 72h);
  EXPECT_DOUBLE_EQ(ledger.today.money, 2) << "the days between have days of their own";
}

TEST(Cost, GoesOnThroughARestart) {
  Ledger ledger;
  look(ledger, {2, 4.0}, kNoon);
  Ledger restored = ledger;
  look(restored, {2, 4.0}, kNoon + 30min);
  EXPECT_DOUBLE_EQ(restored.total.money, 2);
}

TEST(Cost, DoesNotRunBackwards) {
  Ledger ledger;
  look(ledger, {1, 1.0}, kNoon);
  look(ledger, {1, 1.0}, kNoon - 1h);
  look(ledger, {1, 1.0}, kNoon + 1h);
  EXPECT_DOUBLE_EQ(ledger.total.money, 1);
}

TEST(Cost, CountsTheReservedWhetherTheyRunOrNot) {
  ScalingGroup options;
  options.mix.emplace();
  options.mix->templates.resize(2);
  options.mix->templates[0].name = "a";
  options.mix->templates[0].price = 3;
  options.mix->templates[0].reserved = 2;
  options.mix->templates[1].name = "b";
  options.mix->templates[1].price = 1;

  EXPECT_EQ(running(options, {}), (Running{0, 6}));
  EXPECT_EQ(running(options, {{"a", 1}, {"b", 2}}), (Running{3, 8}));
  EXPECT_EQ(running(options, {{"a", 3}}), (Running{3, 9}));
}

TEST(Cost, WithoutAMixIsThePriceOfTheGroup) {
  ScalingGroup options;
  options.price = 2.5;
  EXPECT_EQ(running(options, {{"", 3}}), (Running{3, 7.5}));
}

}  // namespace
}  // namespace weir::scale
