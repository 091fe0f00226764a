#include "scale/alarm.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/units.h"

namespace weir::scale {
namespace {

bool breaches(const Alarm& alarm, double value) {
  switch (alarm.comparison) {
    case Comparison::greater_or_equal:
      return value >= alarm.threshold;
    case Comparison::greater:
      return value > alarm.threshold;
    case Comparison::less:
      return value < alarm.threshold;
    case Comparison::less_or_equal:
      return value <= alarm.threshold;
  }
  return false;
}

std::string_view words(Comparison comparison) {
  switch (comparison) {
    case Comparison::greater_or_equal:
      return "greater than or equal to";
    case Comparison::greater:
      return "greater than";
    case Comparison::less:
      return "less than";
    case Comparison::less_or_equal:
      return "less than or equal to";
  }
  return "";
}

struct Point {
  double value;
  std::size_t age;  // in periods; the newest is 1
  bool breaching;
};

// Those of the evaluation range that exist, newest first.
std::vector<Point> existing(const Alarm& alarm, std::span<const std::optional<double>> datapoints) {
  std::vector<Point> out;
  const std::size_t range = std::min<std::size_t>(evaluation_range(alarm), datapoints.size());
  for (std::size_t age = 1; age <= range; ++age) {
    const auto& value = datapoints[datapoints.size() - age];
    if (value && std::isfinite(*value)) out.push_back({*value, age, breaches(alarm, *value)});
  }
  return out;
}

// As CloudWatch writes numbers: 1.0, 0.25.
std::string number(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string_view was(std::size_t count) { return count == 1 ? "was" : "were"; }

// "1.0 (21/11/26 06:25:00)", or without the time where it is not known.
std::string shown(const Alarm& alarm, const Point& point, std::optional<WallTime> newest) {
  if (!newest) return number(point.value);
  const WallTime begin = *newest - alarm.period * static_cast<std::int64_t>(point.age - 1);
  const auto second = std::chrono::floor<std::chrono::seconds>(begin);
  return fmt::format("{} ({:%d/%m/%y %H:%M:%S})", number(point.value),
                     fmt::gmtime(std::chrono::system_clock::to_time_t(second)));
}

// " and 2 missing datapoints were treated as [Breaching]"; empty where nothing was filled in.
std::string filled_in(const Alarm& alarm, std::size_t filled) {
  const bool bad = alarm.missing_data == MissingData::breaching;
  if (filled == 0 || (!bad && alarm.missing_data != MissingData::not_breaching)) return "";
  return fmt::format(" and {} {} treated as [{}]", counted(filled, "missing datapoint"),
                     was(filled), bad ? "Breaching" : "NonBreaching");
}

// Why it is `state`, ok or alarm: the datapoints that speak for it, against what it takes.
std::string crossed(const Alarm& alarm, AlarmState state, std::span<const Point> points,
                    std::size_t filled, std::optional<WallTime> newest) {
  const std::size_t periods = alarm.evaluation_periods;
  if (points.empty()) {
    return fmt::format("Threshold Crossed: no datapoints were received for {}{}.",
                       counted(periods, "period"), filled_in(alarm, filled));
  }
  const bool bad = state == AlarmState::alarm;
  std::size_t count = 0;
  std::string list;
  for (const Point& point : points) {
    if (point.breaching != bad) continue;
    list += (count++ == 0 ? "" : ", ") + shown(alarm, point, newest);
  }
  const std::size_t least = bad ? needed(alarm) : periods - needed(alarm) + 1;
  return fmt::format(
      "Threshold Crossed: {} out of the last {} datapoints{} {} {}{} the threshold ({}){} "
      "(minimum {} for {} transition).",
      count, periods, count == 0 ? "" : " [" + list + "]", was(count), bad ? "" : "not ",
      words(alarm.comparison), number(alarm.threshold), filled_in(alarm, filled),
      counted(least, "datapoint"), bad ? "OK -> ALARM" : "ALARM -> OK");
}

std::string unknown(std::size_t count) {
  return fmt::format("Insufficient Data: {} {} unknown.", counted(count, "datapoint"), was(count));
}

// The state where fewer datapoints exist than are needed, and nothing is filled in; none: as before
// with ignore, insufficient_data with missing.
std::optional<AlarmState> without_filling(const Alarm& alarm, std::span<const Point> points,
                                          std::size_t breaching) {
  if (breaching >= needed(alarm)) return AlarmState::alarm;
  if (breaching < points.size()) return AlarmState::ok;
  const bool old_enough = !points.empty() && points.back().age >= needed(alarm);
  if (old_enough && alarm.missing_data == MissingData::missing) return AlarmState::alarm;
  return std::nullopt;
}

}  // namespace

Evaluation evaluate(const Alarm& alarm, std::span<const std::optional<double>> datapoints,
                    AlarmState before, std::optional<WallTime> newest) {
  const std::size_t periods = alarm.evaluation_periods;
  CHECK(needed(alarm) >= 1 && needed(alarm) <= periods);
  std::vector<Point> points = existing(alarm, datapoints);
  if (points.size() > periods) points.resize(periods);
  const std::size_t filled = periods - points.size();
  const auto breaching = static_cast<std::size_t>(
      std::count_if(points.begin(), points.end(), [](const Point& p) { return p.breaching; }));

  AlarmState state = AlarmState::ok;
  if (filled == 0 || alarm.missing_data == MissingData::not_breaching) {
    if (breaching >= needed(alarm)) state = AlarmState::alarm;
  } else if (alarm.missing_data == MissingData::breaching) {
    if (breaching + filled >= needed(alarm)) state = AlarmState::alarm;
  } else if (const auto known = without_filling(alarm, points, breaching)) {
    state = *known;
  } else {
    const bool stays = alarm.missing_data == MissingData::ignore;
    return {stays ? before : AlarmState::insufficient_data, unknown(filled)};
  }
  return {state, crossed(alarm, state, points, filled, newest)};
}

std::string_view to_string(AlarmState state) {
  switch (state) {
    case AlarmState::ok:
      return "ok";
    case AlarmState::alarm:
      return "alarm";
    case AlarmState::insufficient_data:
      return "insufficient_data";
  }
  return "";
}

}  // namespace weir::scale
