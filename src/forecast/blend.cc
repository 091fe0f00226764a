#include "forecast/blend.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace weir::forecast {
namespace {

constexpr double kPower = 5;

}  // namespace

double blend(std::span<const Rated> rated) {
  // The best first: of identical forecasts its weight counts.
  std::vector<Rated> all(rated.begin(), rated.end());
  std::ranges::stable_sort(all, {}, &Rated::wape);
  const double best = all.front().wape;
  double sum = 0, weights = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Rated& r = all[i];
    const auto before = std::span(all).first(i);
    if (std::ranges::find(before, r.forecast, &Rated::forecast) != before.end()) continue;
    const double weight = r.wape <= best ? 1 : std::pow(best / r.wape, kPower);
    sum += weight * r.forecast;
    weights += weight;
  }
  return sum / weights;
}

}  // namespace weir::forecast
