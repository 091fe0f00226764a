#include "simulate/hpa.h"

#include <algorithm>
#include <cmath>

namespace weir::simulate {
namespace {

constexpr double kTolerance = 0.1;
constexpr double kStabilisation = 300;    // seconds, on the way in
constexpr std::uint32_t kMostAtOnce = 4;  // or as many as there are, each 15 s

}  // namespace

std::uint32_t Hpa::decide(double ratio, const View& view) {
  const std::uint32_t now = view.total;
  std::uint32_t wish = now;
  if (ratio > 1 + kTolerance) {
    // Instances that start count as idle; where that turns the answer, it is none.
    const double with_starting = ratio * view.ready / now;
    if (with_starting > 1 + kTolerance) {
      wish = static_cast<std::uint32_t>(std::ceil(with_starting * now));
    }
  } else if (ratio < 1 - kTolerance) {
    wish = static_cast<std::uint32_t>(std::ceil(ratio * view.ready));
  }
  wishes_.push_back({view.at, wish});
  while (wishes_.front().at < view.at - kStabilisation) wishes_.pop_front();
  if (wish > now) return std::min(wish, std::max(2 * now, now + kMostAtOnce));
  const auto highest =
      std::max_element(wishes_.begin(), wishes_.end(),
                       [](const Wish& a, const Wish& b) { return a.instances < b.instances; });
  return std::max(1u, std::min(now, highest->instances));
}

}  // namespace weir::simulate
