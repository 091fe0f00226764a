#include "forecast/history.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace weir::forecast {

History::History(Duration step) : day_(static_cast<std::uint32_t>(24h / step)) {
  CHECK(step > 0s && step <= 1h && 24h % step == 0s);
  values_.resize(std::size_t{kDays} * day_);
}

void History::add(std::optional<double> value) {
  gap_ = !value || !std::isfinite(*value) || *value < 0;
  if (gap_ && size_ == 0) return;
  const double kept = !gap_ ? *value : ago(has(day_ - 1) ? day_ - 1 : 0);
  values_[size_ % values_.size()] = kept;
  ++size_;
}

std::uint32_t History::hour() const { return std::max(day_ / 24, 1u); }

bool History::has(std::uint64_t ago) const {
  return ago < std::min<std::uint64_t>(size_, values_.size());
}

double History::ago(std::uint64_t steps) const {
  DCHECK(has(steps));
  return values_[(size_ - 1 - steps) % values_.size()];
}

}  // namespace weir::forecast
