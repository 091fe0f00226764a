#include "judge/hedge.h"

#include <algorithm>
#include <cmath>

namespace weir::judge {
namespace {

constexpr double kLeast = 20e-6;  // seconds; the first bucket ends here

}  // namespace

std::size_t DecayedQuantile::bucket_of(Duration sample) {
  const double s = std::max(seconds(sample), kLeast);
  const double at = std::ceil(std::log2(s / kLeast) * kPerOctave - 1e-9);
  return std::min(static_cast<std::size_t>(std::max(at, 0.0)),
                  static_cast<std::size_t>(kPerOctave * kOctaves - 1));
}

Duration DecayedQuantile::bound_of(std::size_t bucket) {
  const double s = kLeast * std::exp2(static_cast<double>(bucket) / kPerOctave);
  return Duration(static_cast<std::int64_t>(s * 1e9));
}

// In steps, so that a busy group does not pay for it with each sample.
void DecayedQuantile::decay(Time now) {
  if (total_ == 0) decayed_ = now;
  const Duration elapsed = now - decayed_;
  if (elapsed < half_life_ / 16) return;
  const double keep = std::exp2(-seconds(elapsed) / seconds(half_life_));
  total_ = 0;
  for (float& weight : weights_) {
    weight = static_cast<float>(weight * keep);
    total_ += weight;
  }
  if (total_ < 1e-3) {
    weights_.fill(0);
    total_ = 0;
  }
  decayed_ = now;
}

void DecayedQuantile::add(Duration sample, Time now) {
  decay(now);
  weights_[bucket_of(sample)] += 1;
  total_ += 1;
}

double DecayedQuantile::weight(Time now) {
  decay(now);
  return total_;
}

Duration DecayedQuantile::at(double share, Time now) {
  decay(now);
  if (total_ <= 0) return Duration(0);
  const double wanted = share * total_;
  double below = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (weights_[i] <= 0) continue;
    last = i;
    below += weights_[i];
    if (below >= wanted) break;
  }
  return bound_of(last);
}

void Hedging::request(const Hedge& options) {
  tokens_ = std::min(tokens_ + options.budget, std::max(kMostTokens, 1.0));
}

std::optional<Duration> Hedging::delay(const Hedge& options, Time now) {
  // Decay takes some of what was seen; what remains of the least is enough.
  if (first_bytes_.weight(now) < 0.5 * options.min_samples) return std::nullopt;
  return std::max(first_bytes_.at(options.percentile / 100, now), options.min_delay);
}

bool Hedging::take() {
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace weir::judge
