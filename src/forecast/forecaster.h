// Forecaster: what a load will be some steps ahead, how high it may be then, and how far that can
// be trusted. Pure: the same values, the same answers.
//
// A day of values is the least that is worth acting on: before it only persistence and a level
// speak.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "forecast/history.h"
#include "forecast/margin.h"
#include "forecast/method.h"
#include "forecast/selector.h"

namespace weir::forecast {

struct ForecasterOptions {
  Duration step = 1min;              // at most an hour; divides a day
  std::vector<std::uint32_t> leads;  // in steps, each at least 1
  // How often the load may be above each upper band: shares of the time.
  std::vector<double> misses{0.01, 0.05};
};

// Lives on one thread. Fixed memory: about 3 MB for steps of a minute and leads of 5 minutes, an
// hour and a day. An update takes microseconds (bench/forecast.py).
class Forecaster {
 public:
  // Methods are compared over three days; a day ahead errors come by the day, so at least over
  // seven leads: a week, then.
  static constexpr std::uint32_t kRatedDays = 3, kRatedLeads = 7;
  // Who is new is compared after an hour, or after so many forecasts.
  static constexpr std::uint32_t kLeastRated = 30;
  static constexpr std::uint32_t kMarginDays = 14;  // whose errors make the margins

  explicit Forecaster(ForecasterOptions options);

  // The next step's value: at least 0; anything else is a gap.
  void update(std::optional<double> value);

  // `lead` is an index into the options', as is `miss`. Nothing while nothing is known.
  std::optional<double> forecast(std::size_t lead) const;
  std::optional<double> upper(std::size_t lead, std::size_t miss) const;

  // For people, and for who has to decide how much a forecast counts: how much was seen, how wrong
  // each method, the blend and the forecaster itself were lately, their skill, what was covered.
  const History& history() const { return history_; }
  const Selector& selector(std::size_t lead) const { return ahead_[lead].selector; }
  const Margin& margin(std::size_t lead) const { return ahead_[lead].margin; }

 private:
  struct Ahead {
    std::uint32_t lead;
    Selector selector;
    Margin margin;
  };

  Selector::Options rating(std::uint32_t lead) const;

  History history_;
  std::vector<std::unique_ptr<Method>> methods_;
  std::vector<Ahead> ahead_;
};

}  // namespace weir::forecast
