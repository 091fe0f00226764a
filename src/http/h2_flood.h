// FloodGuard: tells the peer that makes much work with frames that ask for nothing: resets, pings,
// settings, priorities, empty frames (CVE-2019-9511 to 9518, CVE-2023-44487, CVE-2025-8671). Pure.
#pragma once

#include <algorithm>

#include "base/clock.h"

namespace weir::http {

// A bucket of tokens: each idle frame takes some, time gives them back, and so does work that the
// peer asked for.
class FloodGuard {
 public:
  static constexpr double kBurst = 1000;
  static constexpr double kPerSecond = 100;
  static constexpr double kIdleFrame = 1;  // PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA
  static constexpr double kReset = 2;      // RST_STREAM that the peer sends
  static constexpr double kFault = 10;     // RST_STREAM that the peer's faults make us send

  explicit FloodGuard(Time now) : last_(now) {}

  // False: it is too much.
  bool charge(double cost, Time now) {
    tokens_ = std::min(kBurst, tokens_ + kPerSecond * seconds(now - last_));
    last_ = now;
    tokens_ -= cost;
    return tokens_ >= 0;
  }
  // A frame that carried something: its peer may well acknowledge it.
  void refund(double tokens) { tokens_ = std::min(kBurst, tokens_ + tokens); }

 private:
  Time last_;
  double tokens_ = kBurst;
};

}  // namespace weir::http
