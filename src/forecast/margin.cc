#include "forecast/margin.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace weir::forecast {
namespace {

constexpr double kPace = 0.2;  // of the level, in shares asked for, per miss

double log_ratio(double actual, double forecast) {
  if (actual <= 0) return forecast > 0 ? -Margin::kMost : 0;
  if (forecast <= 0) return Margin::kMost;
  return std::clamp(std::log(actual / forecast), -Margin::kMost, Margin::kMost);
}

}  // namespace

Margin::Margin(std::vector<double> misses, std::uint32_t lead, std::uint32_t window)
    : window_(window), lead_(lead), pending_(lead) {
  for (const double miss : misses) {
    CHECK(miss > 0 && miss < 1);
    bands_.push_back({miss, miss});
  }
}

void Margin::step(std::optional<double> actual, std::optional<double> forecast) {
  const Said& due = pending_.due();
  if (actual && due.forecast) learn(due, *actual);

  forecast_ = forecast;
  Said said{forecast, {}};
  for (Band& band : bands_) {
    band.margin = std::clamp(quantile(1 - band.level), 0.0, kMost);
    if (forecast) said.upper.push_back(*forecast * std::exp(band.margin));
  }
  pending_.put(std::move(said));
}

void Margin::learn(const Said& said, double actual) {
  ++seen_;
  for (std::size_t i = 0; i < bands_.size(); ++i) adapt(bands_[i], actual > said.upper[i]);
  remember(static_cast<float>(log_ratio(actual, *said.forecast)));
}

void Margin::adapt(Band& band, bool missed) const {
  if (missed) ++band.missed;
  // What it does now shows a lead later: in that time, without a miss, it at most doubles.
  const double pace = std::min(kPace * band.miss, 1 / lead_);
  band.level = std::clamp(band.level + pace * (band.miss - (missed ? 1 : 0)), -1.0, 1.0);
}

void Margin::remember(float error) {
  errors_.push_back(error);
  sorted_.insert(std::ranges::upper_bound(sorted_, error), error);
  // Of the first quarter of the window the older half goes: those are a beginner's errors.
  const bool old = seen_ < window_ / 4 && errors_.size() > seen_ / 2 + 1;
  if (errors_.size() <= window_ && !old) return;
  sorted_.erase(std::ranges::lower_bound(sorted_, errors_.front()));
  errors_.pop_front();
}

double Margin::quantile(double share) const {
  if (sorted_.empty()) return kMost;
  const auto n = static_cast<double>(sorted_.size());
  const double rank = std::clamp(std::ceil(share * (n + 1)), 1.0, n);
  return sorted_[static_cast<std::size_t>(rank) - 1];
}

std::optional<double> Margin::upper(std::size_t i) const {
  if (!forecast_) return std::nullopt;
  return *forecast_ * std::exp(margin(i));
}

std::optional<double> Margin::covered(std::size_t i) const {
  if (seen_ == 0) return std::nullopt;
  return 1 - static_cast<double>(bands_[i].missed) / static_cast<double>(seen_);
}

}  // namespace weir::forecast
