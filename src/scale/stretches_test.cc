#include "scale/stretches.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace weir::scale {
namespace {

TEST(Stretches, SayWhatTheSeriesSaysOfEach) {
  Series series;
  Random random(20261122);
  const Time end(10'000s);
  for (int s = 9'000; s <= 10'000; ++s) {
    if (random.below(4) == 0) continue;  // a gap
    for (std::uint64_t n = random.below(3) + 1; n > 0; --n) {
      series.add(Metric::in_flight, Time(std::chrono::seconds(s)), random.unit() * 1000);
    }
  }
  const Stretches stretches(series, Metric::in_flight, end, 400);

  for (std::uint32_t ago = 0; ago < 400; ago += 7) {
    for (const std::uint32_t seconds : {1u, 3u, 10u, 30u, 240u}) {
      if (ago + seconds > 400) continue;
      const Window plain =
          series.window(Metric::in_flight, end - std::chrono::seconds(ago), seconds);
      const auto mean = stretches.mean(ago, seconds);
      EXPECT_EQ(mean.seconds, plain.seconds) << ago << " " << seconds;
      EXPECT_NEAR(mean.mean, plain.mean, 1e-9) << ago << " " << seconds;
    }
  }
}

TEST(Stretches, BeyondTheirLengthAreOfWhatIsKnown) {
  Series series;
  for (int s = 1; s <= 10; ++s) series.add(Metric::waiting, Time(std::chrono::seconds(s)), s);
  const Stretches stretches(series, Metric::waiting, Time(10s), 5);
  EXPECT_EQ(stretches.mean(0, 9).seconds, 5u);
  EXPECT_DOUBLE_EQ(stretches.mean(0, 9).mean, 8);
  EXPECT_TRUE(stretches.mean(7, 3).missing());
  EXPECT_TRUE(Stretches(series, Metric::requests, Time(10s), 5).mean(0, 5).missing());
}

}  // namespace
}  // namespace weir::scale
