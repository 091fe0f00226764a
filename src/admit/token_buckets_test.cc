#include "admit/token_buckets.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/hash.h"

namespace weir::admit {
namespace {

RateLimit limit(Rate rate, std::uint32_t burst, std::uint32_t keys = 1024) {
  RateLimit options;
  options.rate = rate;
  options.burst = burst;
  options.keys = keys;
  return options;
}

TEST(TokenBuckets, LetABurstPassAndThenTheRate) {
  TokenBuckets buckets(limit({10, 1s}, 5));
  ManualClock clock;
  for (std::uint32_t n = 5; n-- > 0;) {
    const auto answer = buckets.take(42, clock.now());
    EXPECT_TRUE(answer.allowed);
    EXPECT_EQ(answer.left, n);
  }
  const auto refused = buckets.take(42, clock.now());
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, 100ms);
  EXPECT_EQ(refused.full_after, 500ms);

  clock.advance(99ms);
  EXPECT_FALSE(buckets.take(42, clock.now()).allowed);
  clock.advance(1ms);
  EXPECT_TRUE(buckets.take(42, clock.now()).allowed);
  EXPECT_FALSE(buckets.take(42, clock.now()).allowed);
}

TEST(TokenBuckets, FillUpAndNoFurther) {
  TokenBuckets buckets(limit({10, 1s}, 3));
  ManualClock clock;
  clock.advance(1h);

  int taken = 0;
  while (buckets.take(7, clock.now()).allowed) ++taken;

  EXPECT_EQ(taken, 3);
}

TEST(TokenBuckets, AreOnePerKey) {
  TokenBuckets buckets(limit({1, 1s}, 1));
  const Time now{1h};

  for (std::uint64_t key = 0; key < 50; ++key) {
    EXPECT_TRUE(buckets.take(hash_mix(key, 1), now).allowed) << key;
    EXPECT_FALSE(buckets.take(hash_mix(key, 1), now).allowed) << key;
  }
}

TEST(TokenBuckets, HoldASecondsWorthByDefault) {
  EXPECT_EQ(TokenBuckets(limit({10, 1s}, 0)).burst(), 10u);
  EXPECT_EQ(TokenBuckets(limit({600, 1min}, 0)).burst(), 10u);
  EXPECT_EQ(TokenBuckets(limit({1, 1min}, 0)).burst(), 1u);
}

TEST(TokenBuckets, KeepTheRateOverALongTime) {
  TokenBuckets buckets(limit({100, 1s}, 10));
  ManualClock clock;
  int allowed = 0;
  for (int i = 0; i < 100'000; ++i) {  // 1,000 a second for 100 s
    allowed += buckets.take(9, clock.now()).allowed;
    clock.advance(1ms);
  }
  EXPECT_GE(allowed, 10'000);
  EXPECT_LE(allowed, 10'011);
}

// A flood of strangers takes the places of full buckets first: who asks too often stays known.
TEST(TokenBuckets, HaveAFixedSizeAndForgetTheFullestFirst) {
  TokenBuckets buckets(limit({1, 1min}, 10, 64));
  EXPECT_EQ(buckets.places(), 64u);
  ManualClock clock;
  const std::uint64_t greedy = hash_mix(1, 99);
  while (buckets.take(greedy, clock.now()).allowed) {
  }
  for (std::uint64_t n = 0; n < 100'000; ++n) {
    buckets.take(hash_mix(n, 5), clock.now());
    clock.advance(1us);
  }

  EXPECT_FALSE(buckets.take(greedy, clock.now()).allowed);
}

TEST(TokenBuckets, OfARouteAreOne) {
  RateLimit options = limit({1, 1s}, 2);
  options.key = "route";
  EXPECT_EQ(TokenBuckets(options).places(), 4u);
}

TEST(TokenBuckets, GiveNoMoreToManyThreadsThanToOne) {
  TokenBuckets buckets(limit({1, 1h}, 1000));
  const Time now{1h};
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) allowed += buckets.take(3, now).allowed;
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(allowed.load(), 1000);
}

}  // namespace
}  // namespace weir::admit
