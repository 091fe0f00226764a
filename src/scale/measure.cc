#include "scale/measure.h"

#include <algorithm>
#include <cmath>
#include <numeric>

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
  if (metric == "cpu_percent") return series.at(Metric::cpu_percent, second);
  if (metric == "memory_percent") return series.at(Metric::memory_percent, second);
  if (metric == "gpu_percent") return series.at(Metric::gpu_percent, second);
  if (metric == "gpu_memory_percent") return series.at(Metric::gpu_memory_percent, second);
  return std::nullopt;
}

double summary(const Alarm& alarm, std::vector<double> values) {
  if (alarm.percentile) {
    const auto rank = static_cast<std::size_t>(
        std::ceil(*alarm.percentile / 100 * static_cast<double>(values.size())));
    const std::size_t index = std::clamp<std::size_t>(rank, 1, values.size()) - 1;
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(index),
                     values.end());
    return values[index];
  }
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  switch (alarm.statistic) {
    case Statistic::average:
      return sum / static_cast<double>(values.size());
    case Statistic::sum:
      return sum;
    case Statistic::minimum:
      return *std::min_element(values.begin(), values.end());
    case Statistic::maximum:
      return *std::max_element(values.begin(), values.end());
    case Statistic::sample_count:
      return static_cast<double>(values.size());
  }
  return 0;
}

// Of the period that ends before `end`.
std::optional<double> datapoint(const Alarm& alarm, const Series& series, Time end) {
  const auto length = static_cast<std::uint32_t>(alarm.period / 1s);
  if (alarm.metric == "latency") {
    const auto latency = series.latency(alarm.percentile.value_or(50) / 100, end - 1s, length);
    return latency.count == 0 ? std::nullopt : std::optional(latency.seconds);
  }
  std::vector<double> values;
  for (std::uint32_t s = 1; s <= length; ++s) {
    if (const auto value = value_at(alarm.metric, series, end - std::chrono::seconds(s))) {
      values.push_back(*value);
    }
  }
  if (values.empty()) return std::nullopt;
  return summary(alarm, std::move(values));
}

}  // namespace

std::optional<double> value_at(std::string_view metric, const Series& series, Time second) {
  if (!metric.ends_with(kPerEndpoint)) return plain(metric, series, second);
  metric.remove_suffix(kPerEndpoint.size());
  const auto value = plain(metric, series, second);
  const auto endpoints = series.at(Metric::endpoints, second);
  if (!value || !endpoints || *endpoints <= 0) return std::nullopt;
  return *value / *endpoints;
}

std::vector<std::optional<double>> datapoints(const Alarm& alarm, const Series& series, Time now,
                                              std::size_t count) {
  DCHECK(alarm.period >= 1s);
  std::vector<std::optional<double>> points(count);
  Time end = now - now.time_since_epoch() % alarm.period;
  for (std::size_t i = count; i-- > 0; end -= alarm.period) {
    points[i] = datapoint(alarm, series, end);
  }
  return points;
}

}  // namespace weir::scale
