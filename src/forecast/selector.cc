#include "forecast/selector.h"

#include <algorithm>

#include "base/check.h"
#include "forecast/blend.h"

namespace weir::forecast {

Selector::Selector(std::span<const std::string_view> methods, std::string_view reference,
                   Options options)
    : options_(options), blend_(methods.size()), error_(options.window), pending_(options.lead) {
  CHECK(options.least > 0);
  std::vector<std::string_view> names(methods.begin(), methods.end());
  names.push_back("blend");
  for (const auto name : names) {
    candidates_.push_back({name, {}, RollingError(options.window), SameTime(options.week)});
  }
  reference_ = static_cast<std::size_t>(std::ranges::find(methods, reference) - methods.begin());
  CHECK(reference_ < blend_);
  chosen_ = reference_;
}

void Selector::step(std::optional<double> actual,
                    std::span<const std::optional<double>> forecasts) {
  DCHECK(forecasts.size() == blend_);
  rate(actual);

  for (std::size_t i = 0; i < blend_; ++i) candidates_[i].forecast = forecasts[i];
  blend_them();
  choose();
  Row row;
  for (const Candidate& c : candidates_) row.push_back(c.forecast);
  row.push_back(forecast());
  pending_.put(std::move(row));
}

void Selector::rate(std::optional<double> actual) {
  const Row& due = pending_.due();
  const auto add = [&](auto& error, std::size_t i) {
    if (actual && !due.empty() && due[i]) {
      error.add(*due[i], *actual);
    } else {
      error.skip();
    }
  };
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    Candidate& c = candidates_[i];
    add(c.error, i);
    add(c.same_time, i);
    const SameTime::Sum then = c.same_time.sum(options_.lead);
    c.rating =
        c.error.wape(kSameTimeCounts * then.error, kSameTimeCounts * then.actual).value_or(0);
  }
  add(error_, candidates_.size());
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
  const auto wape = [&](std::size_t i) { return candidates_[i].rating; };
  for (std::size_t i = 0; i < blend_; ++i) {
    if (able(candidates_[i]) && (!best || wape(i) < wape(*best))) best = i;
  }
  if (!best) {
    chosen_ = reference_;
  } else if (!able(candidates_[blend_]) || wape(*best) * kStandsOut < wape(blend_)) {
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
