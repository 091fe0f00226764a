#include "scale/measure.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace weir::scale {
namespace {

constexpr std::string_view kPerEndpoint = "_per_endpoint";

std::optional<double> plain(std::string_view metric, const Series& series, Time second) {
  if (metric == "in_flight") {
    const auto held = series.at(Metric::in_flight, second);
    const auto waiting = series.at(Metric::waiting, second);
    return held && waiting ? std::optional(*held + *waiting) : std::nullopt;
  }
  if (metric == "waiting") return series.at(Metric::waiting, second);
  if (metric == "requests_per_second") return series.at(Metric::requests, second);
  if (metric == "instances") return series.at(Metric::instances, second);
  if (metric == "endpoints") return series.at(Metric::endpoints, second);
  if (metric == "cpu_percent") return series.at(Metric::cpu_percent, second);
  if (metric == "memory_percent") return series.at(Metric::memory_percent, second);
  if (metric == "gpu_percent") return series.at(Metric::gpu_percent, second);
  if (metric == "gpu_memory_percent") return series.at(Metric::gpu_memory_percent, second);
  return std::nullopt;
}

double summary(const Alarm& alarm, const std::vector<Told>& told) {
  std::vector<double> values;
  double sum = 0, samples = 0;
  for (const Told& one : told) {
    values.push_back(one.sum / one.count);
    sum += one.sum;
    samples += one.count;
  }
  if (alarm.percentile) {
    const auto rank = static_cast<std::size_t>(
        std::ceil(*alarm.percentile / 100 * static_cast<double>(values.size())));
    const std::size_t index = std::clamp<std::size_t>(rank, 1, values.size()) - 1;
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(index),
                     values.end());
    return values[index];
  }
  switch (alarm.statistic) {
    case Statistic::average:
      return sum / samples;
    case Statistic::sum:
      return sum;
    case Statistic::minimum:
      return *std::min_element(values.begin(), values.end());
    case Statistic::maximum:
      return *std::max_element(values.begin(), values.end());
    case Statistic::sample_count:
      return samples;
  }
  return 0;
}

// Of the period that ends before `end`.
std::optional<double> datapoint(const Alarm& alarm, const TellSecond& tell, Time end) {
  const auto length = static_cast<std::uint32_t>(alarm.period / 1s);
  std::vector<Told> told;
  for (std::uint32_t s = 1; s <= length; ++s) {
    if (const auto one = tell(end - std::chrono::seconds(s))) told.push_back(*one);
  }
  if (told.empty()) return std::nullopt;
  return summary(alarm, told);
}

std::optional<double> latency(const Alarm& alarm, const Series& series, Time end) {
  const auto length = static_cast<std::uint32_t>(alarm.period / 1s);
  const auto seen = series.latency(alarm.percentile.value_or(50) / 100, end - 1s, length);
  return seen.count == 0 ? std::nullopt : std::optional(seen.seconds);
}

// `point` of each period's end, oldest first.
template <class Point>
std::vector<std::optional<double>> each_period(Duration period, Time now, std::size_t count,
                                               Point point) {
  DCHECK(period >= 1s);
  std::vector<std::optional<double>> points(count);
  Time end = now - now.time_since_epoch() % period;
  for (std::size_t i = count; i-- > 0; end -= period) points[i] = point(end);
  return points;
}

}  // namespace

std::optional<double> value_at(std::string_view metric, const Series& series, Time second) {
  if (const auto named = series.named(metric)) return series.at(*named, second);
  if (!metric.ends_with(kPerEndpoint)) return plain(metric, series, second);
  metric.remove_suffix(kPerEndpoint.size());
  const auto value = plain(metric, series, second);
  const auto endpoints = series.at(Metric::endpoints, second);
  if (!value || !endpoints || *endpoints <= 0) return std::nullopt;
  return *value / *endpoints;
}

std::vector<std::optional<double>> datapoints(const Alarm& alarm, const TellSecond& tell, Time now,
                                              std::size_t count) {
  return each_period(alarm.period, now, count,
                     [&](Time end) { return datapoint(alarm, tell, end); });
}

std::vector<std::optional<double>> datapoints(const Alarm& alarm, const Series& series, Time now,
                                              std::size_t count) {
  if (alarm.metric == "latency") {
    return each_period(alarm.period, now, count,
                       [&](Time end) { return latency(alarm, series, end); });
  }
  const TellSecond tell = [&](Time second) -> std::optional<Told> {
    const auto value = value_at(alarm.metric, series, second);
    return value ? std::optional(Told{*value, 1}) : std::nullopt;
  };
  return datapoints(alarm, tell, now, count);
}

}  // namespace weir::scale
