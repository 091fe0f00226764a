// Clock: where time comes from. Decisions take their time as an argument; tests move a ManualClock.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace weir {

using Duration = std::chrono::nanoseconds;
// Monotonic time; the epoch is the machine's start. Comparable between processes of one boot.
using Time = std::chrono::time_point<std::chrono::steady_clock, Duration>;
// Wall-clock time, for people and records only: it may jump.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

using namespace std::chrono_literals;

inline constexpr Time kNever = Time::max();

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
  virtual WallTime wall() const = 0;
};

// Any thread.
const Clock& system_clock();

// Any thread. Starts one hour after its epoch, so that `now - something` stays positive.
class ManualClock final : public Clock {
 public:
  Time now() const override { return Time(Duration(ns_.load(std::memory_order_relaxed))); }
  WallTime wall() const override { return WallTime(now().time_since_epoch()); }
  void advance(Duration by) { ns_.fetch_add(by.count(), std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> ns_{Duration(1h).count()};
};

inline double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
inline Duration from_seconds(double s) { return Duration(static_cast<std::int64_t>(s * 1e9)); }

}  // namespace weir
