// Backoff: how long to wait before starting again what keeps dying young. Pure.
//
// As Kubernetes' CrashLoopBackOff: doubled at each round, capped, forgotten after a success. One
// round counts once, however many instances died in it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace weir::scale {

class Backoff {
 public:
  static constexpr Duration kFirst = 1s;
  static constexpr Duration kLongest = 300s;
  static constexpr Duration kYoung = 60s;  // in service shorter than this is no success

  // An instance launched at `launched` failed to start, or died young.
  void failed(Time launched, Time now) {
    if (last_ && launched <= *last_) return;  // of the same round
    last_ = now;
    ++rounds_;
    const Duration wait = kFirst * (std::int64_t{1} << std::min(rounds_ - 1, 20u));
    until_ = now + std::min(wait, kLongest);
  }

  // An instance has been in service for kYoung.
  void succeeded(Time launched) {
    if (last_ && launched > *last_) *this = {};
  }

  bool waiting(Time now) const { return now < until_; }
  Time until() const { return until_; }
  std::uint32_t rounds() const { return rounds_; }
  // After a second failure a single instance tries, not all of them.
  bool one_at_a_time() const { return rounds_ >= 2; }

 private:
  std::uint32_t rounds_ = 0;
  std::optional<Time> last_;
  Time until_{};
};

}  // namespace weir::scale
