#include "forecast/forecaster.h"

#include <algorithm>

#include "base/check.h"

namespace weir::forecast {

Forecaster::Forecaster(ForecasterOptions options)
    : history_(options.step), methods_(make_methods(history_.day())) {
  for (const std::uint32_t lead : options.leads) {
    CHECK(lead > 0);
    ahead_.push_back({lead, Selector(method_names(), "persistence", rating(lead)),
                      Margin(options.misses, lead, kMarginDays * history_.day())});
  }
}

Selector::Options Forecaster::rating(std::uint32_t lead) const {
  return {.lead = lead,
          .window = std::max(kRatedDays * history_.day(), kRatedLeads * lead),
          .week = history_.week(),
          .least = std::min(history_.hour(), kLeastRated)};
}

void Forecaster::update(std::optional<double> value) {
  history_.add(value);
  if (history_.size() == 0) return;
  for (const auto& method : methods_) method->update(history_);

  std::optional<double> actual;
  if (!history_.gap()) actual = history_.ago(0);
  std::vector<std::optional<double>> forecasts(methods_.size());
  for (Ahead& ahead : ahead_) {
    for (std::size_t i = 0; i < methods_.size(); ++i) {
      forecasts[i] = methods_[i]->forecast(history_, ahead.lead);
    }
    ahead.selector.step(actual, forecasts);
    ahead.margin.step(actual, ahead.selector.forecast());
  }
}

std::optional<double> Forecaster::forecast(std::size_t lead) const {
  return ahead_[lead].selector.forecast();
}

std::optional<double> Forecaster::upper(std::size_t lead, std::size_t miss) const {
  return ahead_[lead].margin.upper(miss);
}

}  // namespace weir::forecast
