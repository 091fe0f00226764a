#include "series/track.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weir::series {
namespace {

constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();

std::int64_t second_of(Time t) {
  return std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
}
std::int64_t minute_of(WallTime t) {
  return std::chrono::floor<std::chrono::minutes>(t.time_since_epoch()).count();
}

// Makes `to` the newest place of a ring, and what lies between unknown.
void advance(std::vector<float>& ring, std::vector<std::uint16_t>& counts, std::int64_t from,
             std::int64_t to) {
  const auto size = static_cast<std::int64_t>(ring.size());
  for (std::int64_t s = std::max(from, to - size) + 1; s <= to; ++s) {
    const auto place = static_cast<std::size_t>(s % size);
    ring[place] = kUnknown;
    if (!counts.empty()) counts[place] = 0;
  }
}

}  // namespace

Track::Track(Span span)
    : span_(span), sums_(span.seconds, kUnknown), minutes_(span.minutes, kUnknown) {}

void Track::add(Time at, double value, double count) {
  const std::int64_t second = second_of(at);
  if (second < 0 || !std::isfinite(static_cast<float>(value))) return;
  if (second > last_) {
    advance(sums_, counts_, last_, second);
    last_ = second;
  } else if (second <= last_ - static_cast<std::int64_t>(span_.seconds)) {
    return;
  }
  const std::size_t i = place(second);
  constexpr double kMost = std::numeric_limits<std::uint16_t>::max();
  const bool first = std::isnan(sums_[i]);
  const double before = first ? 0 : counts_.empty() ? 1 : counts_[i];
  if (before + count > 1 && counts_.empty()) counts_.assign(span_.seconds, 1);
  if (before == kMost) return;
  sums_[i] = static_cast<float>(first ? value : sums_[i] + value);
  if (!counts_.empty())
    counts_[i] = static_cast<std::uint16_t>(std::clamp(before + count, 1.0, kMost));
}

std::optional<Sample> Track::at(Time t) const {
  const std::int64_t second = second_of(t);
  if (second < 0 || second > last_ || second <= last_ - static_cast<std::int64_t>(span_.seconds)) {
    return std::nullopt;
  }
  const std::size_t i = place(second);
  if (std::isnan(sums_[i])) return std::nullopt;
  return Sample{sums_[i], counts_.empty() ? 1.0 : counts_[i]};
}

std::optional<double> Track::mean_of_minute(Time end) const {
  Sample all;
  for (int ago = 1; ago <= 60; ++ago) {
    const auto one = at(end - std::chrono::seconds(ago));
    if (!one) continue;
    all.sum += one->mean();
    ++all.count;
  }
  return all.count > 0 ? std::optional(all.mean()) : std::nullopt;
}

void Track::add_minute(WallTime begin, double mean) {
  const std::int64_t minute = minute_of(begin);
  if (minutes_.empty() || minute <= last_minute_) return;  // the wall clock was set back
  std::vector<std::uint16_t> none;
  advance(minutes_, none, last_minute_, minute);
  last_minute_ = minute;
  minutes_[static_cast<std::size_t>(minute) % minutes_.size()] = static_cast<float>(mean);
}

std::optional<double> Track::minute(WallTime begin) const {
  const std::int64_t minute = minute_of(begin);
  const auto size = static_cast<std::int64_t>(minutes_.size());
  if (minute > last_minute_ || minute <= last_minute_ - size || minute < 0) return std::nullopt;
  const float mean = minutes_[static_cast<std::size_t>(minute % size)];
  return std::isnan(mean) ? std::nullopt : std::optional<double>(mean);
}

std::optional<Time> Track::last() const {
  if (last_ < 0) return std::nullopt;
  return Time(std::chrono::seconds(last_));
}

std::size_t Track::bytes() const {
  return sizeof *this + (sums_.size() + minutes_.size()) * sizeof(float) +
         counts_.size() * sizeof(std::uint16_t);
}

}  // namespace weir::series
