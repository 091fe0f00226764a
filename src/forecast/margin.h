// Margin: how far above a forecast the load stays, but for a given share of the time.
//
// The quantile of log(actual / forecast) over the last errors at this lead, at a level that follows
// what was missed: adaptive conformal inference (Gibbs and Candes, NeurIPS 2021). Where the past
// was calmer than the present the level falls, and the margin grows towards the largest error that
// was seen, until the share is met.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "forecast/delay.h"

namespace weir::forecast {

// Lives on one thread. 8 bytes a step of window, and 40 a step of lead.
class Margin {
 public:
  static constexpr double kMost = 1.0986122886681098;  // ln 3: three times the forecast

  // `misses`: shares of the time, each within (0, 1).
  Margin(std::vector<double> misses, std::uint32_t lead, std::uint32_t window);

  // One step: what came (nothing: a gap), then what is now forecast for `lead` steps later.
  void step(std::optional<double> actual, std::optional<double> forecast);

  // Which the load stays below but for misses[i] of the time; nothing without a forecast.
  std::optional<double> upper(std::size_t i) const;
  // log(upper / forecast), from 0 to kMost; kMost while nothing is known.
  double margin(std::size_t i) const { return bands_[i].margin; }
  // The share of the time that the load has stayed below, over all steps; nothing without any.
  std::optional<double> covered(std::size_t i) const;

 private:
  struct Band {
    double miss;   // the share asked for
    double level;  // the share whose quantile is taken
    double margin = kMost;
    std::uint64_t missed = 0;
  };
  struct Said {
    std::optional<double> forecast;
    std::vector<double> upper;
  };

  void learn(const Said& said, double actual);
  void adapt(Band& band, bool missed) const;
  void remember(float error);
  double quantile(double share) const;

  std::vector<Band> bands_;
  std::uint64_t seen_ = 0;
  const std::size_t window_;
  const double lead_;
  std::deque<float> errors_;  // the oldest first
  std::vector<float> sorted_;
  std::optional<double> forecast_;
  Delay<Said> pending_;
};

}  // namespace weir::forecast
