#include "scale/demand.h"

#include <algorithm>

namespace weir::scale {
namespace {

constexpr std::array<std::uint32_t, 4> kLeads = {2, 5, 15, 60};  // minutes
constexpr double kMiss = 0.05;  // share of the time above the upper end
constexpr std::uint32_t kLeastSeconds = 30;

// The first that is not shorter; the longest there is.
std::size_t index_of(Duration lead) {
  std::size_t i = 0;
  while (i + 1 < kLeads.size() && std::chrono::minutes(kLeads[i]) < lead) ++i;
  return i;
}

}  // namespace

Demand::Ahead::Ahead()
    : forecaster({.step = 1min, .leads = {kLeads.begin(), kLeads.end()}, .misses = {kMiss}}) {}

std::optional<double> Demand::Ahead::expected(Duration lead) const {
  return forecaster.forecast(index_of(lead));
}

std::optional<double> Demand::Ahead::upper(Duration lead) const {
  return forecaster.upper(index_of(lead), 0);
}

double Demand::Ahead::skill(Duration lead) const {
  return forecaster.selector(index_of(lead)).skill().value_or(0);
}

Duration Demand::Ahead::known() const { return std::chrono::minutes(forecaster.history().size()); }

void Demand::restore(const std::vector<DemandMinute>& minutes) {
  for (const DemandMinute& minute : minutes) add(minute);
}

void Demand::add(const DemandMinute& minute) {
  if (last_ && minute.at <= *last_) return;  // the clock was set back
  const auto missed = last_ ? (minute.at - *last_) / 1min - 1 : 0;
  // Beyond a week of gaps nothing more is forgotten.
  for (std::int64_t i = 0; i < std::min<std::int64_t>(missed, 8 * 24 * 60); ++i) {
    requests_.forecaster.update(std::nullopt);
    load_.forecaster.update(std::nullopt);
  }
  requests_.forecaster.update(minute.requests);
  load_.forecaster.update(minute.load);
  last_ = minute.at;
}

std::optional<DemandMinute> Demand::look(const Series& series, Time now, WallTime wall) {
  const WallTime begin = std::chrono::floor<std::chrono::minutes>(wall) - 1min;
  if (last_ && begin <= *last_) return std::nullopt;
  // Its last second.
  const Time end = now - (wall - (begin + 1min)) - 1s;
  const Window requests = series.window(Metric::requests, end, 60);
  const Window in_flight = series.window(Metric::in_flight, end, 60);
  if (requests.seconds < kLeastSeconds || in_flight.seconds < kLeastSeconds) return std::nullopt;
  DemandMinute minute{begin, requests.mean,
                      in_flight.mean + series.window(Metric::waiting, end, 60).mean};
  add(minute);
  return minute;
}

}  // namespace weir::scale
