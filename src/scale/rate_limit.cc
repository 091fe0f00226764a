#include "scale/rate_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/units.h"

namespace weir::scale {
namespace {

constexpr Duration kLongestPeriod = 3600s;  // as the configuration allows

std::int64_t second_of(Time t) { return t.time_since_epoch() / 1s; }

// One limit's reach from what there was when its period began.
double reach_of(const PaceLimit& limit, double began, bool up) {
  if (limit.instances) return up ? began + *limit.instances : began - *limit.instances;
  const double share = limit.percent.value_or(0) / 100;
  return up ? std::ceil(began * (1 + share)) : std::floor(began * (1 - share));
}

std::string in_words(const Pace& pace) {
  if (pace.select == "disabled") return "it is disabled";
  std::string text;
  for (const PaceLimit& limit : pace.limits) {
    if (!text.empty()) text += pace.select == "min" ? " and " : " or ";
    text += limit.instances
                ? fmt::format("{} in {}", *limit.instances, to_string(limit.period))
                : fmt::format("{} % in {}", limit.percent.value_or(0), to_string(limit.period));
  }
  return text;
}

}  // namespace

void RateLimit::remember(std::uint32_t wish, std::uint32_t from, Duration longest, Time now) {
  const std::int64_t second = second_of(now);
  if (longest <= 0s) return wishes_.clear();
  if (wishes_.empty()) wishes_.push_back({second, from, from});
  if (wishes_.back().second != second) wishes_.push_back({second, wish, wish});
  wishes_.back().least = std::min(wishes_.back().least, wish);
  wishes_.back().most = std::max(wishes_.back().most, wish);
  while (wishes_.front().second < second - longest / 1s) wishes_.pop_front();
}

std::uint32_t RateLimit::stabilized(std::uint32_t wish, std::uint32_t from, const Pace& out,
                                    const Pace& in, Time now) const {
  std::uint32_t least = wish, most = wish;
  const std::int64_t second = second_of(now);
  for (const Wishes& one : wishes_) {
    if (one.second > second - out.stabilization / 1s) least = std::min(least, one.least);
    if (one.second > second - in.stabilization / 1s) most = std::max(most, one.most);
  }
  if (from < least) return least;
  return std::min(from, most);
}

std::uint32_t RateLimit::reach(std::uint32_t from, const Pace& pace, bool up, Time now) const {
  if (pace.select == "disabled") return from;
  if (pace.limits.empty()) return up ? std::numeric_limits<std::uint32_t>::max() : 0;
  const bool widest = pace.select != "min";
  std::optional<double> found;
  for (const PaceLimit& limit : pace.limits) {
    std::int64_t moved = 0;
    for (const Change& change : changes_) {
      if (change.at > now - limit.period) moved += change.by;
    }
    const double to = reach_of(limit, static_cast<double>(from) - static_cast<double>(moved), up);
    if (!found) found = to;
    found = widest == up ? std::max(*found, to) : std::min(*found, to);
  }
  // What has gone further than it may stays: it is not taken back.
  if (up) return static_cast<std::uint32_t>(std::clamp(*found, double(from), 4e9));
  return static_cast<std::uint32_t>(std::clamp(*found, 0.0, double(from)));
}

RateLimit::Limited RateLimit::limit(std::uint32_t wish, std::uint32_t from, const Pace& out,
                                    const Pace& in, Time now) {
  remember(wish, from, std::max(out.stabilization, in.stabilization), now);
  while (!changes_.empty() && changes_.front().at <= now - kLongestPeriod) changes_.pop_front();

  std::uint32_t to = stabilized(wish, from, out, in, now);
  std::string note;
  if (to != wish) {
    const Duration window = wish > from ? out.stabilization : in.stabilization;
    note = fmt::format("{} instances are wished, and the wishes of the last {} allow {}", wish,
                       to_string(window), to);
  }
  if (to != from) {
    const bool up = to > from;
    const Pace& pace = up ? out : in;
    const std::uint32_t most = reach(from, pace, up, now);
    if (up ? to > most : to < most) {
      note = fmt::format("{} instances are wished, and scaling {} allows {}: {}", wish,
                         up ? "out" : "in", most, in_words(pace));
      to = most;
    }
  }
  if (from == 0 && wish > 0 && to == 0) return {1, {}};
  return {to, std::move(note)};
}

void RateLimit::changed(std::uint32_t from, std::uint32_t to, Time now) {
  changes_.push_back({now, static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from)});
}

}  // namespace weir::scale
