#include "simulate/world.h"

#include <gtest/gtest.h>

#include <functional>

namespace weir::simulate {
namespace {

class Scripted final : public Scaler {
 public:
  explicit Scripted(std::function<std::optional<std::uint32_t>(const View&)> decide)
      : decide_(std::move(decide)) {}
  std::optional<std::uint32_t> decide(const View& view) override {
    views.push_back(view);
    return decide_(view);
  }
  std::vector<View> views;

 private:
  std::function<std::optional<std::uint32_t>(const View&)> decide_;
};

Trace steady(double rate, std::size_t minutes) {
  return {"steady", std::vector<double>(minutes, rate), 0};
}
// The rate itself, without chance.
std::vector<double> even(const Trace& trace) {
  std::vector<double> all;
  for (const double rate : trace.rates) all.insert(all.end(), kStepsPerMinute, rate * kStepSeconds);
  return all;
}

TEST(World, ServesAtOnceWhatItsInstancesCanServe) {
  const Trace trace = steady(100, 60);
  Scripted stay([](const View&) { return std::nullopt; });

  const Score score = run(trace, even(trace), {.first_utilisation = 1, .unscored = 0}, stay);

  EXPECT_EQ(score.violations, 0);
  EXPECT_NEAR(score.instance_hours, 10, 1e-9);
  EXPECT_NEAR(score.cost_ratio, 1, 1e-9);
  EXPECT_EQ(score.actions, 0u);
  EXPECT_DOUBLE_EQ(stay.views.back().utilisation(), 1);
  EXPECT_DOUBLE_EQ(stay.views.back().concurrency(), 100);
}

TEST(World, CountsRequestsThatWaitMoreThanASecondAsViolations) {
  const Trace trace = steady(100, 10);
  Scripted too_few([](const View&) { return 9u; });

  const Score score = run(trace, even(trace), {.first_utilisation = 1, .unscored = 0}, too_few);

  // 10 requests a second too many: after 9 s of a 90 per second capacity the wait is a second.
  EXPECT_NEAR(score.violations, 1 - 15.0 / 600, 0.01);
}

TEST(World, InstancesCostFromTheirOrderAndServeAfterTheStartTime) {
  const Trace trace = steady(100, 10);
  Scripted more([](const View& view) -> std::optional<std::uint32_t> {
    if (view.step == 0) return 12u;
    return std::nullopt;
  });

  const Score score =
      run(trace, even(trace), {.start_seconds = 60, .first_utilisation = 1, .unscored = 0}, more);

  EXPECT_EQ(more.views[1].total, 12u);
  EXPECT_EQ(more.views[11].ready, 10u);
  EXPECT_EQ(more.views[12].ready, 12u);
  EXPECT_EQ(score.actions, 1u);
  EXPECT_NEAR(score.instance_hours, 2.0, 0.01);
}

TEST(World, TakesAwayWhatStillStartsFirst) {
  const Trace trace = steady(100, 10);
  Scripted turn([](const View& view) -> std::optional<std::uint32_t> {
    if (view.step == 0) return 15u;
    if (view.step == 3) return 12u;
    if (view.step == 6) return 8u;
    return std::nullopt;
  });

  run(trace, even(trace), {.start_seconds = 60, .first_utilisation = 1, .unscored = 0}, turn);

  EXPECT_EQ(turn.views[4].ready, 10u);
  EXPECT_EQ(turn.views[4].total, 12u);
  EXPECT_EQ(turn.views[7].ready, 8u);
  EXPECT_EQ(turn.views[7].total, 8u);
}

TEST(World, ClientsThatLeaveBoundTheLine) {
  const Trace trace = steady(100, 60);
  Scripted too_few([](const View&) { return 5u; });

  run(trace, even(trace), {.abandon = true, .first_utilisation = 1, .unscored = 0}, too_few);

  EXPECT_DOUBLE_EQ(too_few.views.back().queue, 5 * kInstanceRate * kPatience);
}

TEST(World, ExcessIsTheMostInstancesOverTheRecentNeed) {
  const Trace trace = steady(100, 30);
  Scripted burst([](const View& view) { return view.step == 200 ? 35u : 12u; });

  const Score score = run(trace, even(trace), {.first_utilisation = 1, .unscored = 0}, burst);

  EXPECT_DOUBLE_EQ(score.excess, 3.5);
}

TEST(World, TheLowerBoundIsWhatEachMinuteNeeds) {
  Trace trace{"t", {95, 101, 0}, 0};

  EXPECT_DOUBLE_EQ(lower_bound_hours(even(trace)), (10 + 11 + 1) / 60.0);
  EXPECT_DOUBLE_EQ(peak(even(trace)), 101);
}

}  // namespace
}  // namespace weir::simulate
