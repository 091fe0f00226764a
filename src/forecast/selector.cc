#include "forecast/selector.h"

#include <algorithm>

#include "base/check.h"
#include "forecast/blend.h"

namespace weir::forecast {
namespace {

void rate(RollingError& error, std::optional<double> forecast, std::optional<double> actual) {
  if (forecast && actual) {
    error.add(*forecast, *actual);
  } else {
    error.skip();
  }
}

}  // namespace

Selector::Selector(std::span<const std::string_view> methods, std::string_view reference,
                   std::uint32_t lead, std::uint32_t window, std::uint32_t least)
    : methods_(methods.size()), least_(std::max(least, 1u)), error_(window), pending_(lead) {
  for (const auto name : methods) candidates_.push_back({name, RollingError(window), {}});
  for (const Blend& b : blends()) candidates_.push_back({b.name, RollingError(window), {}});
  reference_ = static_cast<std::size_t>(std::ranges::find(methods, reference) - methods.begin());
  CHECK(reference_ < methods_);
  chosen_ = reference_;
}

void Selector::step(std::optional<double> actual,
                    std::span<const std::optional<double>> forecasts) {
  DCHECK(forecasts.size() == methods_);
  const Row& due = pending_.due();
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    rate(candidates_[i].error, due.empty() ? std::nullopt : due[i], actual);
  }
  rate(error_, due.empty() ? std::nullopt : due.back(), actual);

  for (std::size_t i = 0; i < methods_; ++i) candidates_[i].forecast = forecasts[i];
  blend();
  choose();
  Row row;
  for (const Candidate& c : candidates_) row.push_back(c.forecast);
  row.push_back(forecast_);
  pending_.put(std::move(row));
}

void Selector::blend() {
  std::vector<Rated> parts;
  for (std::size_t i = 0; i < methods_; ++i) {
    const Candidate& c = candidates_[i];
    if (c.forecast && rated(c)) parts.push_back({*c.forecast, *c.error.wape()});
  }
  for (std::size_t i = methods_; i < candidates_.size(); ++i) {
    candidates_[i].forecast.reset();
    if (!parts.empty()) candidates_[i].forecast = blends()[i - methods_].of(parts);
  }
}

void Selector::choose() {
  std::optional<std::size_t> best;
  const auto wape = [&](std::size_t i) { return *candidates_[i].error.wape(); };
  const auto able = [&](std::size_t i) {
    return candidates_[i].forecast && rated(candidates_[i]);
  };
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (able(i) && (!best || wape(i) < wape(*best))) best = i;
  }
  if (!best) {
    chosen_ = reference_;
  } else if (!able(chosen_) || wape(*best) < wape(chosen_) * (1 - kBetter)) {
    chosen_ = *best;
  }
  forecast_ = candidates_[chosen_].forecast;
}

std::optional<double> Selector::skill() const {
  const auto mine = error_.wape(), reference = candidates_[reference_].error.wape();
  if (!mine || !reference || *reference <= 0) return std::nullopt;
  return 1 - *mine / *reference;
}

}  // namespace weir::forecast
