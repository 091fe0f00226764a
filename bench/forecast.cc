// bench_forecast: feeds series to the forecaster and says how well it did, for bench/forecast.py.
// Each line of standard input is a series:
//
//   NAME STEP FIRST LEAD,LEAD... VALUE VALUE...
//
// STEP is in seconds; FIRST is the first step after which forecasts count; leads are in steps; a
// value may be `-`, a gap. Each answer is a line of JSON. Every forecast is made before what it
// forecasts is seen (rolling origin), and a method takes part in a lead if it can forecast at
// FIRST.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "forecast/forecaster.h"

namespace weir::forecast {
namespace {

struct Trace {
  std::string name;
  std::uint32_t step = 0;
  std::size_t first = 0;
  std::vector<std::uint32_t> leads;
  std::vector<std::optional<double>> values;

  ForecasterOptions options() const { return {std::chrono::seconds(step), leads}; }
};

Trace parse(const std::string& line) {
  Trace trace;
  std::istringstream in(line);
  std::string leads, word;
  in >> trace.name >> trace.step >> trace.first >> leads;
  std::istringstream each(leads);
  while (std::getline(each, word, ',')) {
    trace.leads.push_back(static_cast<std::uint32_t>(std::stoul(word)));
  }
  while (in >> word) {
    trace.values.push_back(word == "-" ? std::nullopt : std::optional(std::stod(word)));
  }
  return trace;
}

// Of all updates of a series; microseconds each.
double time_updates(const Trace& trace) {
  Forecaster forecaster(trace.options());
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& value : trace.values) forecaster.update(value);
  const std::chrono::duration<double, std::micro> all = std::chrono::steady_clock::now() - begin;
  return all.count() / static_cast<double>(trace.values.size());
}

// One lead's forecasts, as they come due.
class Tally {
 public:
  Tally(const Trace& trace, std::size_t lead) : trace_(trace), lead_(lead) {}

  // After the step `now` went in.
  void origin(const Forecaster& forecaster, std::size_t now) {
    const std::size_t then = now + trace_.leads[lead_];
    const Selector& selector = forecaster.selector(lead_);
    if (now == trace_.first) join(selector);
    if (then >= trace_.values.size() || !trace_.values[then] || !selector.forecast()) return;
    const double actual = *trace_.values[then];
    ++origins_;
    actual_ += actual;
    selected_ += std::abs(*selector.forecast() - actual);
    for (Entry& e : entries_) {
      const auto forecast = selector.candidates()[e.index].forecast;
      e.error += forecast ? std::abs(*forecast - actual) : actual;
      if (selector.chosen().name == e.name) ++e.chosen;
    }
    for (std::size_t i = 0; i < 2; ++i) {
      if (actual <= *forecaster.upper(lead_, i)) ++covered_[i];
      margin_[i] += forecaster.margin(lead_).margin(i);
    }
  }

  std::string json() const {
    std::string methods;
    for (const Entry& e : entries_) {
      methods += fmt::format("{}\"{}\": {{\"wape\": {:.5f}, \"chosen\": {:.4f}}}",
                             methods.empty() ? "" : ", ", e.name, share(e.error, actual_),
                             share(e.chosen, origins_));
    }
    return fmt::format(
        "{{\"lead\": {}, \"origins\": {}, \"methods\": {{{}}}, \"selector\": {:.5f}, "
        "\"covered_99\": {:.5f}, \"covered_95\": {:.5f}, \"margin_99\": {:.4f}, "
        "\"margin_95\": {:.4f}}}",
        trace_.leads[lead_], origins_, methods, share(selected_, actual_),
        share(covered_[0], origins_), share(covered_[1], origins_), share(margin_[0], origins_),
        share(margin_[1], origins_));
  }

 private:
  struct Entry {
    std::size_t index;
    std::string_view name;
    double error = 0;
    double chosen = 0;
  };

  void join(const Selector& selector) {
    for (std::size_t i = 0; i < selector.candidates().size(); ++i) {
      const auto& c = selector.candidates()[i];
      if (c.forecast) entries_.push_back({i, c.name});
    }
  }
  static double share(double part, double all) { return all > 0 ? part / all : 0; }

  const Trace& trace_;
  const std::size_t lead_;
  std::vector<Entry> entries_;
  double origins_ = 0, actual_ = 0, selected_ = 0;
  double covered_[2] = {}, margin_[2] = {};
};

std::string answer(const Trace& trace) {
  Forecaster forecaster(trace.options());
  std::vector<Tally> tallies;
  for (std::size_t i = 0; i < trace.leads.size(); ++i) tallies.emplace_back(trace, i);
  for (std::size_t now = 0; now < trace.values.size(); ++now) {
    forecaster.update(trace.values[now]);
    if (now < trace.first) continue;
    for (Tally& t : tallies) t.origin(forecaster, now);
  }
  std::string leads;
  for (const Tally& t : tallies) leads += (leads.empty() ? "" : ", ") + t.json();
  return fmt::format(
      "{{\"series\": \"{}\", \"step\": {}, \"steps\": {}, \"update_us\": {:.3f}, \"leads\": [{}]}}",
      trace.name, trace.step, trace.values.size(), time_updates(trace), leads);
}

}  // namespace
}  // namespace weir::forecast

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::cout << weir::forecast::answer(weir::forecast::parse(line)) << std::endl;
  }
}
