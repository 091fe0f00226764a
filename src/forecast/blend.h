// blend: one forecast from several, each rated by how wrong it was lately. Pure.
#pragma once

#include <span>
#include <string_view>

namespace weir::forecast {

struct Rated {
  double forecast;
  double wape;
};

// Each takes at least one.
struct Blend {
  std::string_view name;
  double (*of)(std::span<const Rated>);
};

// trimmed_mean: without the lowest and the highest, where there are three.
// best_two: the mean of the two best.
// weighted: the better the heavier, by the fourth power of WAPE.
std::span<const Blend> blends();

}  // namespace weir::forecast
