// Trace: how many requests came, minute by minute, and the part of it that a world is run over.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"

namespace weir::simulate {

inline constexpr std::size_t kStepSeconds = 5;
inline constexpr double kStep = kStepSeconds;  // the same, to reckon with
inline constexpr std::size_t kStepsPerMinute = 60 / kStepSeconds;

struct Trace {
  std::string name;
  std::vector<double> rates;  // requests per second, a mean of each minute
  std::size_t begin = 0;      // the first minute that is run; those before are history
  std::size_t end() const { return rates.size(); }
  std::size_t minutes() const { return end() - begin; }
};

// A rate a line; `begin` minutes of them are history. Rates are 0 or above, one at least is run.
Result<Trace> parse_trace(std::string name, std::string_view text, std::size_t begin);

// Multiplied so that the mean of what is run is `mean`.
void scale_to_mean(Trace& trace, double mean);

// Requests of each step of what is run. Requests are independent (Poisson, taken as normal: means
// here are in the hundreds) around the rate of their minute.
std::vector<double> arrivals(const Trace& trace, Random& random);

}  // namespace weir::simulate
