// Hedging: when a second attempt is worth it: after a learned percentile of the time to the first
// byte, within a share of all requests (Dean and Barroso, "The Tail at Scale", 2013; the budget as
// Finagle's). Pure; lives on one worker.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "model/desired.h"

namespace weir::judge {

// A quantile of what was seen lately. Buckets whose bounds grow by a twelfth of an octave, so that
// an answer is at most 6 % too high; each half-life halves the weight of what came before.
class DecayedQuantile {
 public:
  explicit DecayedQuantile(Duration half_life) : half_life_(half_life) {}

  void add(Duration sample, Time now);
  // How much it knows: the sum of the weights.
  double weight(Time now);
  // The bound that `share` of the samples are at or below; 0 when it knows nothing.
  Duration at(double share, Time now);

 private:
  static constexpr int kPerOctave = 12;
  static constexpr int kOctaves = 28;  // from 20 us to 90 minutes
  static std::size_t bucket_of(Duration sample);
  static Duration bound_of(std::size_t bucket);
  void decay(Time now);

  Duration half_life_;
  Time decayed_{};
  double total_ = 0;
  std::array<float, kPerOctave * kOctaves> weights_{};
};

// Of one group on one worker.
class Hedging {
 public:
  Hedging() : first_bytes_(kHalfLife) {}

  // A request begins, and with it a share of a second attempt.
  void request(const Hedge& options);
  // So long did a first byte take; or at least so long, of an attempt that was cancelled.
  void first_byte(Duration took, Time now) { first_bytes_.add(took, now); }
  // How long to wait for a first byte before the second attempt; nothing while too little is known.
  std::optional<Duration> delay(const Hedge& options, Time now);
  // Takes a second attempt out of the budget, if there is one.
  bool take();
  // It was not made after all.
  void give_back() { tokens_ += 1; }

 private:
  static constexpr Duration kHalfLife = std::chrono::seconds(60);
  static constexpr double kMostTokens = 10;  // what a quiet time may save for a burst

  DecayedQuantile first_bytes_;
  double tokens_ = 1;
};

}  // namespace weir::judge
