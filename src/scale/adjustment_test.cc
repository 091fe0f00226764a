#include "scale/adjustment.h"

#include <gtest/gtest.h>
#include <cmath>
#include <limits>

namespace weir::scale {
namespace {

using enum AdjustmentType;

// The user guide's example: a threshold of 50, and 10 instances at first.
constexpr double kThreshold = 50;

StepScaling percent(std::vector<StepAdjustment> steps) {
  return {percent_change_in_capacity, 0, std::move(steps)};
}
StepScaling guide_out() { return percent({{0, 10, 0}, {10, 20, 10}, {20, std::nullopt, 30}}); }
StepScaling guide_in() { return percent({{-10, 0, 0}, {-20, -10, -10}, {std::nullopt, -20, -30}}); }

std::uint32_t at(const StepScaling& options, double metric, Staffing capacity) {
  return desired_by_step(options, metric - kThreshold, capacity);
}

TEST(StepScaling, GoesFrom10To11To14InTheGuidesExample) {
  EXPECT_EQ(at(guide_out(), 60, {10}), 11u);
  EXPECT_EQ(at(guide_out(), 70, {11}), 14u) << "30 % of 11 is 3.3: 3";
}

TEST(StepScaling, GoesFrom14To13To10InTheGuidesExample) {
  EXPECT_EQ(at(guide_in(), 40, {14}), 13u) << "10 % of 14 is 1.4: 1";
  EXPECT_EQ(at(guide_in(), 30, {13}), 10u) << "30 % of 13 is 3.9: 3";
}

TEST(StepScaling, KeepsTheCapacityBetween40And60InTheGuidesExample) {
  for (const double metric : {40.1, 45.0, 50.0, 55.0, 59.9}) {
    EXPECT_EQ(at(guide_out(), metric, {10}), 10u) << metric;
    EXPECT_EQ(at(guide_in(), metric, {10}), 10u) << metric;
  }
}

TEST(StepScaling, AddsNothingForTheSameStepWhileItsInstancesWarm) {
  EXPECT_EQ(at(guide_out(), 62, {11, 1}), 11u);
}

TEST(StepScaling, AddsOnlyTheDifferenceForALargerStepWhileInstancesWarm) {
  EXPECT_EQ(at(guide_out(), 70, {11, 1}), 13u) << "30 % of 10 is 3, and 1 is on its way";
  EXPECT_EQ(at(guide_out(), 70, {13, 3}), 13u);
}

TEST(StepScaling, KeepsWhatWarmsWhenASmallerStepFollows) {
  EXPECT_EQ(at(guide_out(), 60, {13, 3}), 13u);
}

TEST(StepScaling, StartsFromAllOnceTheyAreWarm) { EXPECT_EQ(at(guide_out(), 70, {13, 0}), 16u); }

TEST(StepScaling, TakesNothingAwayWhileInstancesWarm) {
  EXPECT_EQ(at(guide_in(), 30, {14, 1}), 14u);
  const StepScaling exact{exact_capacity, 0, {{std::nullopt, 0, 2}}};
  EXPECT_EQ(at(exact, 30, {14, 1}), 14u);
}

TEST(StepScaling, TakesNothingMoreWhileTheSameStepsInstancesTerminate) {
  EXPECT_EQ(at(guide_in(), 40, {13, 0, 1}), 13u) << "10 % of 14 is 1, and 1 is going";
  EXPECT_EQ(at(guide_in(), 30, {13, 0, 1}), 10u) << "30 % of 14 is 4.2: 4";
  EXPECT_EQ(at(guide_in(), 40, {10, 0, 4}), 10u) << "10 % of 14 is 1, and 4 are going";
}

TEST(StepScaling, CountsChangesFromWhatIsWarmToo) {
  const StepScaling options{change_in_capacity, 0, {{0, 10, 2}, {10, std::nullopt, 5}}};
  EXPECT_EQ(at(options, 55, {4}), 6u);
  EXPECT_EQ(at(options, 55, {6, 2}), 6u);
  EXPECT_EQ(at(options, 60, {6, 2}), 9u);
}

TEST(StepScaling, SetsAnExactCapacityInEitherDirection) {
  const StepScaling options{exact_capacity, 0, {{std::nullopt, 0, 2}, {0, std::nullopt, 8}}};
  EXPECT_EQ(at(options, 70, {5}), 8u);
  EXPECT_EQ(at(options, 70, {5, 3}), 8u);
  EXPECT_EQ(at(options, 30, {5}), 2u);
}

TEST(StepScaling, DoesNothingWhereNoStepIsMeant) {
  EXPECT_EQ(at(guide_out(), 49, {10}), 10u);
  EXPECT_EQ(at(percent({}), 70, {10}), 10u);
}

TEST(StepScaling, StandsMoreWarmingThanDesired) { EXPECT_EQ(at(guide_out(), 70, {2, 5}), 2u); }

TEST(ChooseStep, TakesTheLowerBoundInAndTheUpperOutAboveTheThreshold) {
  const StepScaling options = guide_out();
  EXPECT_EQ(choose_step(options.steps, 0), 0u);
  EXPECT_EQ(choose_step(options.steps, 9.99), 0u);
  EXPECT_EQ(choose_step(options.steps, 10), 1u);
  EXPECT_EQ(choose_step(options.steps, 20), 2u);
  EXPECT_EQ(choose_step(options.steps, 1e300), 2u);
  EXPECT_EQ(choose_step(options.steps, -0.01), std::nullopt);
}

TEST(ChooseStep, TakesTheUpperBoundInAndTheLowerOutBelowTheThreshold) {
  const StepScaling options = guide_in();
  EXPECT_EQ(choose_step(options.steps, 0), 0u);
  EXPECT_EQ(choose_step(options.steps, -9.99), 0u);
  EXPECT_EQ(choose_step(options.steps, -10), 1u);
  EXPECT_EQ(choose_step(options.steps, -20), 2u);
  EXPECT_EQ(choose_step(options.steps, -1e300), 2u);
  EXPECT_EQ(choose_step(options.steps, 0.01), std::nullopt);
}

TEST(ChooseStep, PrefersTheStepAboveTheThresholdAtTheThreshold) {
  const std::vector<StepAdjustment> steps = {{std::nullopt, 0, -1}, {0, std::nullopt, 1}};
  EXPECT_EQ(choose_step(steps, 0), 1u);
  EXPECT_EQ(choose_step(steps, -1), 0u);
}

TEST(ChooseStep, ReadsAStepAcrossTheThresholdFromBothSides) {
  const std::vector<StepAdjustment> steps = {{-5, 5, 1}};
  EXPECT_EQ(choose_step(steps, -4), 0u);
  EXPECT_EQ(choose_step(steps, -5), std::nullopt);
  EXPECT_EQ(choose_step(steps, 0), 0u);
  EXPECT_EQ(choose_step(steps, 5), std::nullopt);
}

TEST(ChooseStep, KnowsNothingOfADistanceThatIsNoNumber) {
  EXPECT_EQ(choose_step(guide_out().steps, std::nan("")), std::nullopt);
}

TEST(Adjust, ChangesAndSetsAsInTheGuide) {
  EXPECT_EQ(adjust(change_in_capacity, 5, 0, 3), 8u);
  EXPECT_EQ(adjust(exact_capacity, 5, 0, 3), 5u);
  EXPECT_EQ(adjust(percent_change_in_capacity, 10, 0, 10), 11u);
}

TEST(Adjust, RoundsPercentagesAsInTheGuide) {
  EXPECT_EQ(adjust(percent_change_in_capacity, 127, 0, 10), 22u) << "12.7 is 12";
  EXPECT_EQ(adjust(percent_change_in_capacity, 67, 0, 1), 2u) << ".67 is 1";
  EXPECT_EQ(adjust(percent_change_in_capacity, -58, 0, 1), 0u) << "-.58 is -1";
  EXPECT_EQ(adjust(percent_change_in_capacity, -29, 0, 23), 17u) << "-6.67 is -6";
}

TEST(Adjust, LeavesWholePercentagesAlone) {
  EXPECT_EQ(adjust(percent_change_in_capacity, 100, 0, 7), 14u);
  EXPECT_EQ(adjust(percent_change_in_capacity, 50, 0, 2), 3u);
  EXPECT_EQ(adjust(percent_change_in_capacity, -50, 0, 2), 1u);
}

TEST(Adjust, MovesByTheMinimumMagnitudeAsInTheGuide) {
  EXPECT_EQ(adjust(percent_change_in_capacity, 25, 2, 4), 6u) << "25 % of 4 is 1, at least 2";
  EXPECT_EQ(adjust(percent_change_in_capacity, -25, 2, 4), 2u);
  EXPECT_EQ(adjust(percent_change_in_capacity, 25, 2, 100), 125u);
}

TEST(Adjust, LeavesNoneByPercentagesOnlyWithAMinimumMagnitude) {
  EXPECT_EQ(adjust(percent_change_in_capacity, 50, 0, 0), 0u);
  EXPECT_EQ(adjust(percent_change_in_capacity, 50, 2, 0), 2u);
}

TEST(Adjust, ChangesNothingByZero) {
  EXPECT_EQ(adjust(percent_change_in_capacity, 0, 5, 10), 10u);
  EXPECT_EQ(adjust(change_in_capacity, 0, 0, 10), 10u);
}

TEST(Adjust, StaysWithinWhatACapacityCanBe) {
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  constexpr auto kLeast = std::numeric_limits<std::int32_t>::min();
  EXPECT_EQ(adjust(change_in_capacity, -5, 0, 3), 0u);
  EXPECT_EQ(adjust(percent_change_in_capacity, -200, 0, 3), 0u);
  EXPECT_EQ(adjust(percent_change_in_capacity, kLeast, kMost, kMost), 0u);
  EXPECT_EQ(adjust(percent_change_in_capacity, std::numeric_limits<std::int32_t>::max(), 0, kMost),
            kMost);
  EXPECT_EQ(adjust(exact_capacity, -1, 0, 3), 0u);
}

TEST(SimpleScaling, StartsFromTheDesiredCapacity) {
  EXPECT_EQ(desired_by(SimpleScaling{percent_change_in_capacity, 2, 25}, 4), 6u);
  EXPECT_EQ(desired_by(SimpleScaling{change_in_capacity, 0, -1}, 4), 3u);
}

TEST(StepMistakes, AreNoneInTheGuidesExamples) {
  EXPECT_TRUE(mistakes(guide_out()).empty());
  EXPECT_TRUE(mistakes(guide_in()).empty());
  EXPECT_TRUE(mistakes(percent({{20, std::nullopt, 30}, {0, 10, 0}, {10, 20, 10}})).empty());
}

TEST(StepMistakes, NameOverlapsAndGaps) {
  EXPECT_EQ(mistakes(percent({{0, 15, 0}, {10, std::nullopt, 10}})),
            std::vector<std::string>({"steps[0] and steps[1]: overlap from 10 on; let one begin "
                                      "where the other ends"}));
  EXPECT_EQ(mistakes(percent({{20, std::nullopt, 10}, {0, 10, 5}})),
            std::vector<std::string>({"steps[1] and steps[0]: leave a gap from 10 to 20; let one "
                                      "begin where the other ends"}));
}

TEST(StepMistakes, NameEndsThatAreNotOpen) {
  EXPECT_EQ(mistakes(percent({{0, 10, 5}})),
            std::vector<std::string>({"steps: nothing is said from 10 on; leave out the upper "
                                      "bound of the highest step, or add one that is open above"}));
  EXPECT_EQ(mistakes(percent({{-10, 0, -5}})),
            std::vector<std::string>({"steps: nothing is said below -10; leave out the lower "
                                      "bound of the lowest step, or add one that is open below"}));
}

TEST(StepMistakes, NameTwoOpenEndsOfOneSide) {
  EXPECT_EQ(mistakes(percent({{0, std::nullopt, 5}, {10, std::nullopt, 10}})),
            std::vector<std::string>({"steps[0] and steps[1]: are both open above; write an upper "
                                      "bound for one of them"}));
  EXPECT_EQ(mistakes(percent({{std::nullopt, -5, -5}, {std::nullopt, -10, -10}})),
            std::vector<std::string>({"steps[0] and steps[1]: are both open below; write a lower "
                                      "bound for one of them"}));
}

TEST(StepMistakes, NameBoundsThatCannotBe) {
  EXPECT_EQ(
      mistakes(percent({{10, 10, 5}})),
      std::vector<std::string>({"steps[0]: lower 10 is not below upper 10; swap or change them"}));
  EXPECT_EQ(mistakes(percent({{std::nullopt, std::nullopt, 5}})),
            std::vector<std::string>(
                {"steps[0]: is open on both sides; write a lower or an upper bound"}));
  EXPECT_EQ(
      mistakes(percent({{0, std::numeric_limits<double>::infinity(), 5}})),
      std::vector<std::string>({"steps[0]: bound inf is no number; leave an open bound out"}));
}

TEST(StepMistakes, ComeAllAtOnce) {
  const StepScaling options{
      exact_capacity, 2, {{5, 3, -1}, {std::nullopt, std::nullopt, 1}, {0, std::nullopt, 2}}};

  EXPECT_EQ(mistakes(options),
            std::vector<std::string>(
                {"min_adjustment: is for percentages only; remove it, or make the type "
                 "percent",
                 "steps[0].adjustment: -1 instances cannot be; write 0 or more for an exact "
                 "capacity",
                 "steps[0]: lower 5 is not below upper 3; swap or change them",
                 "steps[1]: is open on both sides; write a lower or an upper bound"}));
}

TEST(StepMistakes, NameAnEmptyList) {
  EXPECT_EQ(mistakes(percent({})),
            std::vector<std::string>({"steps: is empty; write at least one step"}));
}

TEST(SimpleMistakes, AreThoseOfOneAdjustment) {
  EXPECT_TRUE(mistakes(SimpleScaling{percent_change_in_capacity, 2, -10}).empty());
  EXPECT_EQ(mistakes(SimpleScaling{exact_capacity, 1, -3}).size(), 2u);
}

}  // namespace
}  // namespace weir::scale
