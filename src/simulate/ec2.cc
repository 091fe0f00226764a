#include "simulate/ec2.h"

#include <algorithm>
#include <cmath>

namespace weir::simulate {
namespace {

constexpr std::size_t kHigh = 3;   // minutes
constexpr double kLowShare = 0.9;  // of the target

}  // namespace

std::optional<std::uint32_t> Ec2::decide(const View& view) {
  arrivals_ += view.arrivals;
  if ((view.step + 1) % kStepsPerMinute != 0) return std::nullopt;
  minutes_.add(arrivals_ / 60 / view.ready);
  arrivals_ = 0;

  const auto& all = minutes_.values();
  if (all.size() >= kHigh && *std::min_element(all.end() - kHigh, all.end()) > per_instance_) {
    const double wanted = std::ceil(view.ready * all.back() / per_instance_);
    return std::max(view.total, static_cast<std::uint32_t>(wanted));
  }
  const double most = *std::max_element(all.begin(), all.end());
  if (minutes_.full() && most < kLowShare * per_instance_ && view.at > warm_at_) {
    return static_cast<std::uint32_t>(std::max(1.0, std::ceil(view.ready * most / per_instance_)));
  }
  return std::nullopt;
}

}  // namespace weir::simulate
