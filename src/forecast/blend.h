// blend: one forecast from several, the better the heavier. Pure.
#pragma once

#include <span>

namespace weir::forecast {

struct Rated {
  double forecast;
  double wape;  // lately
};

// The mean, weighted by the fifth power of 1 / WAPE: who errs twice as much counts 1/32.
// Forecasts that are the same to the last bit are one opinion and count once (a day ahead,
// persistence and seasonal_day). Takes at least one.
double blend(std::span<const Rated> rated);

}  // namespace weir::forecast
