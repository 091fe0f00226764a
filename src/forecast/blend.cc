#include "forecast/blend.h"

#include <algorithm>
#include <cmath>

namespace weir::forecast {
namespace {

constexpr double kPower = 5;

}  // namespace

double blend(std::span<const Rated> rated) {
  const double best = std::ranges::min(rated, {}, &Rated::wape).wape;
  double sum = 0, weights = 0;
  for (std::size_t i = 0; i < rated.size(); ++i) {
    const Rated& r = rated[i];
    const auto before = rated.first(i);
    if (std::ranges::find(before, r.forecast, &Rated::forecast) != before.end()) continue;
    const double weight = r.wape <= best ? 1 : std::pow(best / r.wape, kPower);
    sum += weight * r.forecast;
    weights += weight;
  }
  return sum / weights;
}

}  // namespace weir::forecast
