#include "forecast/blend.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace weir::forecast {
namespace {

double trimmed_mean(std::span<const Rated> rated) {
  double sum = 0, low = rated[0].forecast, high = rated[0].forecast;
  for (const Rated& r : rated) {
    sum += r.forecast;
    low = std::min(low, r.forecast);
    high = std::max(high, r.forecast);
  }
  const auto n = static_cast<double>(rated.size());
  return rated.size() < 3 ? sum / n : (sum - low - high) / (n - 2);
}

double best_two(std::span<const Rated> rated) {
  std::vector<Rated> sorted(rated.begin(), rated.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Rated& a, const Rated& b) { return a.wape < b.wape; });
  return sorted.size() < 2 ? sorted[0].forecast : (sorted[0].forecast + sorted[1].forecast) / 2;
}

double weighted(std::span<const Rated> rated) {
  double best = rated[0].wape;
  for (const Rated& r : rated) best = std::min(best, r.wape);
  double sum = 0, weights = 0;
  for (const Rated& r : rated) {
    const double weight = r.wape <= best ? 1 : std::pow(best / r.wape, 4);
    sum += weight * r.forecast;
    weights += weight;
  }
  return sum / weights;
}

constexpr Blend kBlends[] = {
    {"best_two", &best_two}, {"trimmed_mean", &trimmed_mean}, {"weighted", &weighted}};

}  // namespace

std::span<const Blend> blends() { return kBlends; }

}  // namespace weir::forecast
