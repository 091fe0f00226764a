#include "simulate/production.h"

#include <gtest/gtest.h>

#include <functional>

namespace weir::simulate {
namespace {

using Decide = std::function<scale::Decision(const scale::GroupFacts&, const scale::Series&, Time)>;

class Probe final : public scale::Policy {
 public:
  explicit Probe(Decide decide) : decide_(std::move(decide)) {}
  std::string_view kind() const override { return "probe"; }
  scale::Decision decide(const scale::GroupFacts& facts, const scale::Series& series,
                         Time now) const override {
    return decide_(facts, series, now);
  }

 private:
  Decide decide_;
};

const std::vector<double> kMinutes(10, 100.0);

Score run_with(Decide decide) {
  const Trace trace{"steady", kMinutes, 0};
  const std::vector<double> even(kMinutes.size() * kStepsPerMinute, 500);
  Production scaler(std::make_unique<Probe>(std::move(decide)));
  return run(trace, even, {.start_seconds = 60, .first_utilisation = 1}, scaler);
}

TEST(Production, ShowsAPolicyWhatItWouldSeeInService) {
  int asked = 0;
  run_with([&](const scale::GroupFacts& facts, const scale::Series& series, Time now) {
    if (++asked == 12) {
      EXPECT_EQ(facts.desired, 10u);
      EXPECT_EQ(facts.warm, 10u);
      EXPECT_EQ(facts.in_flight, 100u);
      EXPECT_EQ(facts.waiting, 0u);
      EXPECT_EQ(facts.instances.size(), 10u);
      EXPECT_EQ(series.window(scale::Metric::requests, now, 30).seconds, 30u);
      EXPECT_NEAR(series.window(scale::Metric::requests, now, 30).mean, 100, 0.5);
      EXPECT_DOUBLE_EQ(series.window(scale::Metric::instances, now, 30).mean, 10);
      EXPECT_EQ(series.latency(0.5, now, 30).count, 3000u);
      EXPECT_NEAR(series.latency(0.5, now, 30).seconds, 1, 0.1);
    }
    return scale::Decision{facts.desired, "", true, false};
  });
  EXPECT_EQ(asked, 120);
}

TEST(Production, ShowsInstancesThatStartWithTheirTimes) {
  std::optional<Duration> start;
  run_with([&](const scale::GroupFacts& facts, const scale::Series&, Time) {
    if (facts.instances.size() > 10) {
      const auto& last = facts.instances.back();
      if (last.in_service_since) start = *last.in_service_since - last.launched;
    }
    return scale::Decision{12u, "", true, false};
  });
  EXPECT_EQ(start, Duration(60s));
}

TEST(Production, TakesNothingAwayWhileSomethingStarts) {
  int asked = 0;
  std::vector<std::uint32_t> seen;
  run_with([&](const scale::GroupFacts& facts, const scale::Series&, Time) {
    seen.push_back(facts.desired);
    return scale::Decision{++asked == 1 ? 12u : 11u, "", true, false};
  });
  EXPECT_EQ(seen[5], 12u);
  EXPECT_EQ(seen.back(), 11u);
}

TEST(Production, TakesNothingAwayWhileSomebodyWaits) {
  std::vector<std::uint32_t> seen;
  run_with([&](const scale::GroupFacts& facts, const scale::Series&, Time) {
    seen.push_back(facts.desired);
    return scale::Decision{seen.size() == 1 ? 9u : 8u, "", true, false};
  });
  EXPECT_EQ(seen.back(), 9u);
}

}  // namespace
}  // namespace weir::simulate
