// Selector: which of several forecasts for one lead to trust, by how wrong each was lately.
//
// Every method is rated by its WAPE over a sliding window, on forecasts that were made before what
// they forecast came (rolling origin, never in sample), in which errors at the same time of earlier
// weeks as what is forecast now count several times: the day before is a good guess on a Thursday,
// and none on a Saturday. While one is new, for a day at least, all are compared over the time that
// it has been there: its week is not another's. So is the blend of them (blend.h), and what the
// selector itself has said. It says the blend, unless a method clearly stands out: choosing the
// best of several that are close is mostly chasing chance.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "forecast/delay.h"
#include "forecast/rolling_error.h"
#include "forecast/same_time.h"

namespace weir::forecast {

// Lives on one thread. 8 bytes a step of window and 16 a step of lead, for each candidate, and
// 24 KB for its weeks.
class Selector {
 public:
  static constexpr double kStandsOut = 1.2;  // its WAPE so many times below the blend's
  // Four hours of three weeks then count for four days, about as much as the window.
  static constexpr double kSameTimeCounts = 8;

  struct Options {
    std::uint32_t lead;    // in steps
    std::uint32_t window;  // in steps
    std::uint32_t week;    // in steps
    std::uint32_t least;   // forecasts that must have come due before a candidate takes part
  };
  struct Candidate {
    std::string_view name;
    std::optional<double> forecast;  // for `lead` steps after the last
    RollingError error;
    SameTime same_time;
    double rating = 0;  // both; meaningless while nothing is rated
    // Since ever, and what that was of each candidate when this one was first rated.
    SameTime::Sum total;
    std::vector<SameTime::Sum> before;
    std::uint32_t age = 0;  // steps since then, up to the window
  };

  // `reference` is the method that decides while nothing is rated, and that skill is measured
  // against.
  Selector(std::span<const std::string_view> methods, std::string_view reference, Options options);

  // One step: what came (nothing: a gap), then what each method now says of `lead` steps later.
  void step(std::optional<double> actual, std::span<const std::optional<double>> forecasts);

  // For `lead` steps after the last one.
  std::optional<double> forecast() const { return chosen().forecast; }
  // The methods in their order, then the blend.
  const std::vector<Candidate>& candidates() const { return candidates_; }
  const Candidate& chosen() const { return candidates_[chosen_]; }
  // Of what the selector said.
  const RollingError& error() const { return error_; }
  // 1 is perfect, 0 as good as the reference, below 0 worse; nothing while nothing is rated.
  std::optional<double> skill() const;

 private:
  using Row = std::vector<std::optional<double>>;  // the candidates', then the selector's

  void count(std::optional<double> actual);
  void rate();
  void blend_them();
  void choose();
  bool able(const Candidate& c) const { return c.forecast && c.error.scored() >= options_.least; }
  std::span<const Candidate> methods() const { return {candidates_.data(), blend_}; }

  const Options options_;
  const std::size_t blend_;  // its index: the last
  std::size_t reference_;
  std::size_t chosen_;
  std::vector<Candidate> candidates_;
  RollingError error_;
  Delay<Row> pending_;
};

}  // namespace weir::forecast
