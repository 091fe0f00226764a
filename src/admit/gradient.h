// Gradient: learns how many requests one endpoint takes at once before its latency rises.
//
// As Envoy's gradient controller and Netflix's Gradient2: each window of answers gives the ratio of
// the latency without load to the present one, and the limit is multiplied by it, plus a headroom
// of its square root that lets a queue show itself. Three things are for inference: the signal is
// the time to the first byte; a window closes by number of answers as well as by time; and the
// latency without load is learned from any quiet window, so that the probe, a window with the
// limit at its minimum, is made only where the endpoint was never quiet for long. Pure; not for
// several threads at once.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "model/desired.h"

namespace weir::admit {

class Gradient {
 public:
  // One answer: when its request was sent, how long its first byte took, and how many requests
  // were at the endpoint, itself included.
  void answered(const AdaptiveConcurrency& options, Time sent, Duration took,
                std::uint32_t in_flight, Time now);

  // The present limit.
  std::uint32_t limit(const AdaptiveConcurrency& options) const;
  // The latency without load, as far as it is known; 0 before.
  Duration base() const { return base_; }
  bool probing() const { return probing_; }

 private:
  static constexpr std::size_t kAnswers = 10;  // at least, of a window
  static constexpr std::size_t kProbe = 5;     // likewise of a probe

  void close(const AdaptiveConcurrency& options, Time now);
  void step(const AdaptiveConcurrency& options, Duration latency, Time now);
  void open(Time now);

  double limit_ = 0;  // 0: not begun
  Duration base_{0};
  Time base_known_{};  // when it was last seen to be so
  bool probing_ = false;
  Time opened_{};  // this window
  std::uint32_t busiest_ = 0;
  std::vector<Duration> answers_;
};

}  // namespace weir::admit
