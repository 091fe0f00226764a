#include "scale/stretches.h"

#include <algorithm>

namespace weir::scale {

Stretches::Stretches(const Series& series, Metric metric, Time end, std::uint32_t length) {
  sums_.reserve(length + 1);
  sums_.emplace_back();
  for (std::uint32_t ago = length; ago-- > 0;) {
    Sum sum = sums_.back();
    if (const auto value = series.at(metric, end - std::chrono::seconds(ago))) {
      sum.value += *value;
      ++sum.seconds;
    }
    sums_.push_back(sum);
  }
}

Stretches::Mean Stretches::mean(std::uint32_t ago, std::uint32_t seconds) const {
  const auto length = static_cast<std::uint32_t>(sums_.size() - 1);
  const std::uint32_t end = length - std::min(ago, length);
  const std::uint32_t begin = end - std::min(seconds, end);
  const std::uint32_t known = sums_[end].seconds - sums_[begin].seconds;
  if (known == 0) return {};
  return {(sums_[end].value - sums_[begin].value) / known, known};
}

}  // namespace weir::scale
