// Selector: which of several forecasts for one lead to trust, by how wrong each was lately.
//
// Candidates are the methods and the blends of them (blend.h). Each is rated by its WAPE over a
// sliding window of forecasts that were made before what they forecast came (rolling origin, never
// in sample); so is what the selector itself has said. Another candidate takes over when it is
// better by kBetter.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "forecast/delay.h"
#include "forecast/rolling_error.h"

namespace weir::forecast {

// Lives on one thread. About 12 bytes a step of window, and 16 a step of lead, for each candidate.
class Selector {
 public:
  static constexpr double kBetter = 0.02;

  struct Candidate {
    std::string_view name;
    RollingError error;
    std::optional<double> forecast;  // for `lead` steps after the last
  };

  // `reference` is the method that decides while nothing is rated, and that skill is measured
  // against. A candidate takes part once `least` of its forecasts have come due.
  Selector(std::span<const std::string_view> methods, std::string_view reference,
           std::uint32_t lead, std::uint32_t window, std::uint32_t least);

  // One step: what came (nothing: a gap), then what each method now says of `lead` steps later.
  void step(std::optional<double> actual, std::span<const std::optional<double>> forecasts);

  // For `lead` steps after the last one.
  std::optional<double> forecast() const { return forecast_; }
  // Methods, then blends.
  const std::vector<Candidate>& candidates() const { return candidates_; }
  const Candidate& chosen() const { return candidates_[chosen_]; }
  // Of what the selector said.
  const RollingError& error() const { return error_; }
  // 1 is perfect, 0 as good as the reference, below 0 worse; nothing while nothing is rated.
  std::optional<double> skill() const;

 private:
  using Row = std::vector<std::optional<double>>;  // the candidates', then the selector's

  void blend();
  void choose();
  bool rated(const Candidate& c) const { return c.error.scored() >= least_; }

  const std::size_t methods_;
  const std::uint32_t least_;
  std::size_t reference_;
  std::size_t chosen_;
  std::vector<Candidate> candidates_;
  std::optional<double> forecast_;
  RollingError error_;
  Delay<Row> pending_;
};

}  // namespace weir::forecast
