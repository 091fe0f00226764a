#include "forecast/selector.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "forecast/blend.h"

namespace weir::forecast {

namespace {

double wape(const SameTime::Sum& sum) {
  if (sum.error <= 0) return 0;
  return sum.actual > 0 ? sum.error / sum.actual : std::numeric_limits<double>::infinity();
}

}  // namespace

Selector::Selector(std::span<const std::string_view> methods, std::string_view reference,
                   Options options)
    : options_(options), blend_(methods.size()), error_(options.window), pending_(options.lead) {
  CHECK(options.least > 0);
  std::vector<std::string_view> names(methods.begin(), methods.end());
  names.push_back("blend");
  for (const auto name : names) {
    candidates_.push_back(
        {name, {}, RollingError(options.window), SameTime(options.week), 0, {}, {}, 0});
  }
  reference_ = static_cast<std::size_t>(std::ranges::find(methods, reference) - methods.begin());
  CHECK(reference_ < blend_);
  chosen_ = reference_;
}

void Selector::step(std::optional<double> actual,
                    std::span<const std::optional<double>> forecasts) {
  DCHECK(forecasts.size() == blend_);
  count(actual);
  rate();

  for (std::size_t i = 0; i < blend_; ++i) candidates_[i].forecast = forecasts[i];
  blend_them();
  choose();
  Row row;
  for (const Candidate& c : candidates_) row.push_back(c.forecast);
  row.push_back(forecast());
  pending_.put(std::move(row));
}

void Selector::count(std::optional<double> actual) {
  const Row& due = pending_.due();
  const auto scored = [&](std::size_t i) { return actual && !due.empty() && due[i]; };
  const auto add = [&](auto& error, std::size_t i) {
    if (scored(i)) {
      error.add(*due[i], *actual);
    } else {
      error.skip();
    }
  };
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    Candidate& c = candidates_[i];
    if (c.age > 0 || !scored(i)) continue;
    for (const Candidate& other : candidates_) c.before.push_back(other.total);
  }
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    Candidate& c = candidates_[i];
    add(c.error, i);
    add(c.same_time, i);
    if (scored(i)) {
      c.total.error += std::abs(*due[i] - *actual);
      c.total.actual += *actual;
    }
    if (!c.before.empty() && c.age < options_.window) ++c.age;
  }
  add(error_, candidates_.size());
}

void Selector::rate() {
  // Who is new, and compared.
  const Candidate* youngest = nullptr;
  for (const Candidate& c : candidates_) {
    if (c.age < options_.week / 7 || c.age >= options_.window) continue;
    if (!youngest || c.age < youngest->age) youngest = &c;
  }
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    Candidate& c = candidates_[i];
    SameTime::Sum sum = c.same_time.sum(options_.lead);
    sum.error *= kSameTimeCounts;
    sum.actual *= kSameTimeCounts;
    if (!youngest || c.age < youngest->age) {
      c.rating = c.error.wape(sum.error, sum.actual).value_or(0);
      continue;
    }
    sum.error += c.total.error - youngest->before[i].error;
    sum.actual += c.total.actual - youngest->before[i].actual;
    c.rating = wape(sum);
  }
}

void Selector::blend_them() {
  std::vector<Rated> rated;
  for (const Candidate& c : methods()) {
    if (able(c)) rated.push_back({*c.forecast, c.rating});
  }
  candidates_[blend_].forecast.reset();
  if (!rated.empty()) candidates_[blend_].forecast = blend(rated);
}

void Selector::choose() {
  std::optional<std::size_t> best;
  const auto rating = [&](std::size_t i) { return candidates_[i].rating; };
  for (std::size_t i = 0; i < blend_; ++i) {
    if (able(candidates_[i]) && (!best || rating(i) < rating(*best))) best = i;
  }
  if (!best) {
    chosen_ = reference_;
  } else if (!able(candidates_[blend_]) || rating(*best) * kStandsOut < rating(blend_)) {
    chosen_ = *best;
  } else {
    chosen_ = blend_;
  }
}

std::optional<double> Selector::skill() const {
  const auto mine = error_.wape(), reference = candidates_[reference_].error.wape();
  if (!mine || !reference || *reference <= 0) return std::nullopt;
  return 1 - *mine / *reference;
}

}  // namespace weir::forecast
