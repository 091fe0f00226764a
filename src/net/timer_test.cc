#include "net/timer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/random.h"

namespace weir::net {
namespace {

const Time kStart = Time(1h);

// Calls a function when it fires.
struct Alarm : Timer {
  explicit Alarm(std::function<void()> f = {})
      : Timer([](Timer& timer) {
          auto& self = static_cast<Alarm&>(timer);
          ++self.fired;
          if (self.on_fire) self.on_fire();
        }),
        on_fire(std::move(f)) {}
  std::function<void()> on_fire;
  int fired = 0;
};

// Advances as a loop does, by what next() says; the time when the alarm fired.
Time fires_at(TimerWheel& wheel, const Alarm& alarm, Time from) {
  const int before = alarm.fired;
  Time now = from;
  while (alarm.fired == before) {
    const Time next = wheel.next();
    if (next == kNever) return kNever;
    now = std::max(now, next);
    wheel.advance(now);
  }
  return now;
}

TEST(TimerWheel, FiresNeverEarlyAndAtMostOneTickLate) {
  for (const Duration after : {Duration(1ns), Duration(1ms), Duration(1ms + 1ns), Duration(999us),
                               Duration(63ms), Duration(64ms), Duration(65ms), Duration(10s)}) {
    TimerWheel wheel(kStart);
    Alarm alarm;
    wheel.arm(alarm, kStart + after);
    wheel.advance(kStart + after - 1ns);
    EXPECT_EQ(alarm.fired, 0) << after.count();
    wheel.advance(kStart + after + 1ms);
    EXPECT_EQ(alarm.fired, 1) << after.count();
    EXPECT_FALSE(alarm.armed());
  }
}

TEST(TimerWheel, FiresWhatIsPastAtTheNextTick) {
  TimerWheel wheel(kStart);
  Alarm past, now;
  wheel.advance(kStart + 100ms);
  wheel.arm(past, kStart - 5s);
  wheel.arm(now, kStart + 100ms);
  EXPECT_EQ(past.fired, 0);

  wheel.advance(kStart + 101ms);

  EXPECT_EQ(past.fired, 1);
  EXPECT_EQ(now.fired, 1);
}

TEST(TimerWheel, NeverFiresWhatIsArmedForNever) {
  TimerWheel wheel(kStart);
  Alarm alarm;
  wheel.arm(alarm, kStart + 1ms);
  wheel.arm(alarm, kNever);

  EXPECT_FALSE(alarm.armed());
  wheel.advance(kStart + 1ms);  // next() may have been early once
  EXPECT_EQ(wheel.next(), kNever);
  EXPECT_EQ(alarm.fired, 0);
}

// Around each power of 64 ticks a timer changes its level on the way.
TEST(TimerWheel, CascadesRightAtEachLevelsEdge) {
  for (int level = 1; level <= 4; ++level) {
    const std::int64_t edge = std::int64_t{1} << (6 * level);
    for (const std::int64_t begin : {std::int64_t{0}, edge - 1, edge, edge / 2 + 3}) {
      for (const std::int64_t ticks : {edge - 1, edge, edge + 1, 2 * edge - 1, 2 * edge}) {
        TimerWheel wheel(kStart);
        wheel.advance(kStart + 1ms * begin);
        Alarm alarm;
        const Time at = kStart + 1ms * (begin + ticks);
        wheel.arm(alarm, at);
        EXPECT_EQ(fires_at(wheel, alarm, kStart + 1ms * begin), at) << begin << " + " << ticks;
      }
    }
  }
}

TEST(TimerWheel, ReachesAsFarAsATimeDoes) {
  TimerWheel wheel(kStart);
  Alarm year, century, last;
  wheel.arm(year, kStart + 366 * 24h);
  wheel.arm(century, kStart + 100 * 366 * 24h);
  wheel.arm(last, kNever - 1ns);

  EXPECT_LE(wheel.next(), kStart + 366 * 24h);
  EXPECT_EQ(fires_at(wheel, year, kStart), kStart + 366 * 24h);
  EXPECT_EQ(century.fired, 0);
  EXPECT_EQ(last.fired, 0);
}

// Two years on, where a wheel of six levels would have turned round.
TEST(TimerWheel, GoesOnAfterYears) {
  const Time later = kStart + 1ms * (std::int64_t{1} << 36) - 5ms;
  TimerWheel wheel(kStart);
  wheel.advance(later);
  Alarm alarm;
  wheel.arm(alarm, later + 20ms);

  EXPECT_EQ(fires_at(wheel, alarm, later), later + 20ms);
}

TEST(TimerWheel, IsNotWokenLateByNext) {
  Random random(7);
  for (int round = 0; round < 2000; ++round) {
    TimerWheel wheel(kStart);
    const Time now = kStart + 1ms * static_cast<std::int64_t>(random.below(1 << 20));
    wheel.advance(now);
    std::vector<std::unique_ptr<Alarm>> alarms;
    Time soonest = kNever;
    for (int i = 0; i < 3; ++i) {
      const Time at =
          now + 1ms * static_cast<std::int64_t>(1 + random.below(1u << random.below(24)));
      alarms.push_back(std::make_unique<Alarm>());
      wheel.arm(*alarms.back(), at);
      soonest = std::min(soonest, at);
    }
    EXPECT_LE(wheel.next(), soonest);
    EXPECT_GT(wheel.next(), now);  // never spins
  }
}

TEST(TimerWheel, AgreesWithASortedListUnderRandomUse) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    TimerWheel wheel(kStart);
    Time now = kStart;
    struct One {
      std::unique_ptr<Alarm> alarm;
      Time at = kNever;
    };
    std::vector<One> all(60);
    std::vector<std::pair<std::size_t, Time>> fired;
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].alarm = std::make_unique<Alarm>([&, i] { fired.emplace_back(i, all[i].at); });
    }
    for (int step = 0; step < 3000; ++step) {
      One& one = all[random.below(all.size())];
      switch (random.below(5)) {
        case 0:
          one.alarm->cancel();
          one.at = kNever;
          break;
        case 1:
        case 2:
        case 3:
          one.at = now + Duration(static_cast<std::int64_t>(random() >> (24 + random.below(24))));
          wheel.arm(*one.alarm, one.at);
          break;
        case 4:
          now += Duration(static_cast<std::int64_t>(random() >> (26 + random.below(24))));
          fired.clear();
          wheel.advance(now);
          for (const auto& [i, at] : fired) {
            EXPECT_LE(at, now) << "fired early";
            all[i].at = kNever;
          }
          for (const One& have : all) {
            EXPECT_EQ(have.alarm->armed(), have.at != kNever);
            if (have.at != kNever) {
              EXPECT_GT(have.at + 2ms, now) << "not fired";
            }
          }
          if (wheel.next() != kNever) {
            EXPECT_GT(wheel.next(), now - 1ms);
          }
          break;
      }
    }
  }
}

TEST(TimerWheel, LetsAFiringTimerRearmItself) {
  TimerWheel wheel(kStart);
  Alarm alarm;
  Time now = kStart;
  alarm.on_fire = [&] { wheel.arm(alarm, now + 10ms); };
  wheel.arm(alarm, kStart + 10ms);

  for (int i = 0; i < 100; ++i) wheel.advance(now += 1ms);

  EXPECT_EQ(alarm.fired, 10);
  EXPECT_TRUE(alarm.armed());
}

TEST(TimerWheel, LetsAFiringTimerCancelAndDestroyOthersOfItsTick) {
  TimerWheel wheel(kStart);
  auto doomed = std::make_unique<Alarm>();
  Alarm cancelled, moved, last;
  Alarm first([&] {
    doomed.reset();
    cancelled.cancel();
    wheel.arm(moved, kStart + 20ms);
  });
  for (Alarm* alarm : {&first, doomed.get(), &cancelled, &moved, &last}) {
    wheel.arm(*alarm, kStart + 10ms);
  }

  wheel.advance(kStart + 10ms);

  EXPECT_EQ(first.fired, 1);
  EXPECT_EQ(cancelled.fired, 0);
  EXPECT_EQ(moved.fired, 0);
  EXPECT_EQ(last.fired, 1);
  wheel.advance(kStart + 20ms);
  EXPECT_EQ(moved.fired, 1);
}

TEST(TimerWheel, LetsAFiringTimerDestroyItself) {
  TimerWheel wheel(kStart);
  Alarm* self = new Alarm;
  bool gone = false;
  self->on_fire = [&] {
    gone = true;
    delete std::exchange(self, nullptr);
  };
  wheel.arm(*self, kStart + 5ms);
  Alarm after;
  wheel.arm(after, kStart + 5ms);

  wheel.advance(kStart + 5ms);

  EXPECT_TRUE(gone);
  EXPECT_EQ(after.fired, 1);
}

TEST(TimerWheel, FiresInTheOrderOfTicks) {
  TimerWheel wheel(kStart);
  std::vector<int> order;
  std::vector<std::unique_ptr<Alarm>> alarms;
  for (const int ms : {500, 3, 70, 64, 4100, 1, 63}) {
    alarms.push_back(std::make_unique<Alarm>([&order, ms] { order.push_back(ms); }));
    wheel.arm(*alarms.back(), kStart + 1ms * ms);
  }

  wheel.advance(kStart + 10s);

  EXPECT_EQ(order, (std::vector<int>{1, 3, 63, 64, 70, 500, 4100}));
}

TEST(TimerWheel, LeavesTimersThatOutliveItDisarmed) {
  Alarm alarm;
  {
    TimerWheel wheel(kStart);
    wheel.arm(alarm, kStart + 5s);
    EXPECT_TRUE(alarm.armed());
  }
  EXPECT_FALSE(alarm.armed());
}

}  // namespace
}  // namespace weir::net
