#include "judge/hedge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace weir::judge {
namespace {

TEST(DecayedQuantile, IsCloseAboveTheTrueOne) {
  DecayedQuantile quantile(60s);
  const Time now{};
  for (int ms = 1; ms <= 1000; ++ms) quantile.add(Duration(1ms) * ms, now);

  EXPECT_GE(quantile.at(0.5, now), 500ms);
  EXPECT_LE(quantile.at(0.5, now), 531ms);
  EXPECT_GE(quantile.at(0.95, now), 950ms);
  EXPECT_LE(quantile.at(0.95, now), 1008ms);
}

TEST(DecayedQuantile, KnowsNothingAtFirst) {
  DecayedQuantile quantile(60s);
  EXPECT_EQ(quantile.at(0.9, Time{}), 0s);
  EXPECT_EQ(quantile.weight(Time{}), 0);
}

TEST(DecayedQuantile, ForgetsWhatIsLongPast) {
  DecayedQuantile quantile(10s);
  ManualClock clock;
  for (int i = 0; i < 1000; ++i) quantile.add(1s, clock.now());

  clock.advance(100s);  // a thousandth of it is left
  for (int i = 0; i < 100; ++i) quantile.add(10ms, clock.now());

  EXPECT_LE(quantile.at(0.95, clock.now()), 11ms);
  clock.advance(1h);
  EXPECT_EQ(quantile.weight(clock.now()), 0);
}

TEST(DecayedQuantile, KeepsItsHeadAtTheEnds) {
  DecayedQuantile quantile(10s);
  quantile.add(0s, Time{});
  EXPECT_LE(quantile.at(1, Time{}), 20us);
  quantile.add(24h, Time{});
  EXPECT_GE(quantile.at(1, Time{}), 1h);
}

TEST(Hedging, WaitsUntilItKnowsEnough) {
  Hedge options;
  options.min_samples = 100;
  Hedging hedging;
  const Time now{};
  for (int i = 0; i < 49; ++i) hedging.first_byte(20ms, now);
  EXPECT_FALSE(hedging.delay(options, now));

  for (int i = 0; i < 51; ++i) hedging.first_byte(20ms, now);

  ASSERT_TRUE(hedging.delay(options, now));
  EXPECT_GE(*hedging.delay(options, now), 20ms);
  EXPECT_LE(*hedging.delay(options, now), 22ms);
}

TEST(Hedging, IsNeverSoonerThanItsLeastDelay) {
  Hedge options;
  options.min_delay = 50ms;
  Hedging hedging;
  for (int i = 0; i < 200; ++i) hedging.first_byte(1ms, Time{});

  EXPECT_EQ(*hedging.delay(options, Time{}), 50ms);
}

TEST(Hedging, SpendsItsShareOfRequestsAndNoMore) {
  Hedge options;
  options.budget = 0.05;
  Hedging hedging;
  int taken = 0;
  for (int i = 0; i < 10000; ++i) {
    hedging.request(options);
    taken += hedging.take();
  }

  EXPECT_GE(taken, 499);
  EXPECT_LE(taken, 502);
}

TEST(Hedging, SavesLittleForLater) {
  Hedge options;
  Hedging hedging;
  for (int i = 0; i < 100000; ++i) hedging.request(options);

  int taken = 0;
  while (hedging.take()) ++taken;

  EXPECT_EQ(taken, 10);
}

// One request in fifty is slow by a stall of its endpoint: with hedging at p95 the slowest
// hundredth gets nearly as fast as the rest, at no more than 5 % more requests.
TEST(Hedging, CutsTheTailOfStalls) {
  const Hedge options;
  Random random(7);
  Hedging hedging;
  ManualClock clock;
  const auto draw = [&] {
    if (random.below(50) == 0) return Duration(2s);
    return Duration(20ms) + Duration(1ms) * static_cast<std::int64_t>(random.below(10));
  };
  std::vector<Duration> plain, hedged;
  int seconds_sent = 0;
  for (int i = 0; i < 20000; ++i) {
    clock.advance(5ms);
    hedging.request(options);
    const Duration first = draw();
    plain.push_back(first);
    Duration took = first;
    const auto delay = hedging.delay(options, clock.now());
    if (delay && first > *delay && hedging.take()) {
      ++seconds_sent;
      took = std::min(first, *delay + draw());
    }
    hedging.first_byte(took, clock.now());
    hedged.push_back(took);
  }
  const auto p99 = [](std::vector<Duration>& all) {
    std::sort(all.begin(), all.end());
    return all[all.size() * 99 / 100];
  };

  EXPECT_EQ(p99(plain), 2s);
  EXPECT_LT(p99(hedged), 100ms);
  EXPECT_LE(seconds_sent, 1010);
}

}  // namespace
}  // namespace weir::judge
