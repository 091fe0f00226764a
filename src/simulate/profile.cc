#include "simulate/profile.h"

#include <algorithm>
#include <cmath>

namespace weir::simulate {
namespace {

constexpr std::size_t kDays = 7;

}  // namespace

Profile::Profile(const Trace& trace) : trace_(trace), minute_(trace.begin) {
  const std::size_t bins = trace.end() / kBin;
  bins_.resize(bins);
  for (std::size_t b = 0; b < bins; ++b) {
    for (std::size_t m = 0; m < kBin; ++m) bins_[b] += trace.rates[b * kBin + m] / kBin;
  }
}

void Profile::advance(double at) { minute_ = trace_.begin + static_cast<std::size_t>(at / 60); }

// Of the days before bin `known`, which has not ended.
std::optional<double> Profile::usual(std::size_t b, std::size_t known) const {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t day = 1; day <= kDays && day * kDay <= b; ++day) {
    if (b - day * kDay >= std::min(known, bins_.size())) continue;
    sum += bins_[b - day * kDay];
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / static_cast<double>(count);
}

std::optional<double> Profile::forecast(std::size_t b, std::size_t known) const {
  const auto then = usual(b, known);
  if (!then || known < kLevel) return std::nullopt;
  double came = 0, expected = 0;
  for (std::size_t k = known - kLevel; k < known; ++k) {
    const auto each = usual(k, k);
    if (!each) continue;
    came += bins_[k];
    expected += *each;
  }
  return *then * (expected > 0 ? std::clamp(came / expected, 0.5, 2.0) : 1.0);
}

std::optional<double> Profile::expected(Duration lead) const {
  const std::size_t known = minute_ / kBin;
  const std::size_t then = minute_ + static_cast<std::size_t>(seconds(lead) / 60);
  const auto first = forecast(then / kBin, known), second = forecast(then / kBin + 1, known);
  if (!first || !second) return std::nullopt;
  return std::max(*first, *second);
}

}  // namespace weir::simulate
