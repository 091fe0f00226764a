#include "simulate/trace.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

namespace weir::simulate {
namespace {

// Box and Muller 1958.
double normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.unit()));
  return radius * std::cos(2 * std::numbers::pi * random.unit());
}

}  // namespace

Result<Trace> parse_trace(std::string name, std::string_view text, std::size_t begin) {
  Trace trace{std::move(name), {}, begin};
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty()) continue;
    double rate = 0;
    const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), rate);
    if (error != std::errc() || rest != line.data() + line.size() || !(rate >= 0)) {
      return fail(Code::invalid, "trace '" + trace.name + "': no rate: " + std::string(line));
    }
    trace.rates.push_back(rate);
  }
  if (trace.rates.size() <= begin) {
    return fail(Code::invalid, "trace '" + trace.name + "': nothing after its history");
  }
  return trace;
}

void scale_to_mean(Trace& trace, double mean) {
  double sum = 0;
  for (std::size_t m = trace.begin; m < trace.end(); ++m) sum += trace.rates[m];
  if (sum == 0) return;
  const double factor = mean * static_cast<double>(trace.minutes()) / sum;
  for (double& rate : trace.rates) rate *= factor;
}

std::vector<double> arrivals(const Trace& trace, Random& random) {
  std::vector<double> result;
  result.reserve(trace.minutes() * kStepsPerMinute);
  for (std::size_t m = trace.begin; m < trace.end(); ++m) {
    const double expected = trace.rates[m] * static_cast<double>(kStepSeconds);
    for (std::size_t k = 0; k < kStepsPerMinute; ++k) {
      result.push_back(std::max(0.0, expected + std::sqrt(expected) * normal(random)));
    }
  }
  return result;
}

}  // namespace weir::simulate
