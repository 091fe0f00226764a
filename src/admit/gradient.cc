#include "admit/gradient.h"

#include <algorithm>
#include <cmath>

namespace weir::admit {
namespace {

constexpr double kLeastGradient = 0.5;      // one window never takes more than half
constexpr double kSmoothing = 0.5;          // of a step down or up
constexpr std::size_t kMostAnswers = 1000;  // kept of one window

}  // namespace

std::uint32_t Gradient::limit(const AdaptiveConcurrency& options) const {
  if (probing_) return options.min;
  const double held = limit_ == 0 ? options.initial : limit_;
  return std::clamp(static_cast<std::uint32_t>(held), options.min, options.max);
}

void Gradient::open(Time now) {
  opened_ = now;
  busiest_ = 0;
  answers_.clear();
}

void Gradient::answered(const AdaptiveConcurrency& options, Time sent, Duration took,
                        std::uint32_t in_flight, Time now) {
  if (limit_ == 0) {
    limit_ = options.initial;
    base_known_ = now;
    open(now);
  }
  if (sent < opened_ && probing_) return;  // of before the probe: it queued with the others
  busiest_ = std::max(busiest_, in_flight);
  if (answers_.size() < kMostAnswers) answers_.push_back(took);
  const std::size_t enough = probing_ ? kProbe : kAnswers;
  if (answers_.size() < enough || now - opened_ < options.window) return;
  close(options, now);
}

void Gradient::close(const AdaptiveConcurrency& options, Time now) {
  const auto middle = answers_.begin() + static_cast<std::ptrdiff_t>(answers_.size() / 2);
  std::nth_element(answers_.begin(), middle, answers_.end());
  const Duration latency = std::max(*middle, Duration(1));
  if (probing_) {
    probing_ = false;
    base_ = latency;
    base_known_ = now;
  } else {
    step(options, latency, now);
  }
  open(now);
}

void Gradient::step(const AdaptiveConcurrency& options, Duration latency, Time now) {
  // A window at the minimum is as good as a probe.
  const bool quiet = busiest_ <= options.min;
  if (base_ == Duration(0) || latency <= base_ || quiet) {
    base_ = latency;
    base_known_ = now;
  }
  const double ratio = options.tolerance * seconds(base_) / seconds(latency);
  const double gradient = std::clamp(ratio, kLeastGradient, 1.0);
  double wanted = limit_ * gradient + std::max(1.0, std::sqrt(limit_) / 2);
  // A limit that nobody reaches says nothing about a higher one.
  if (wanted > limit_ && busiest_ < limit_ / 2) wanted = limit_;
  limit_ = std::clamp(limit_ * (1 - kSmoothing) + wanted * kSmoothing,
                      static_cast<double>(options.min), static_cast<double>(options.max));
  if (now - base_known_ >= options.probe_interval && limit_ > options.min) probing_ = true;
}

}  // namespace weir::admit
