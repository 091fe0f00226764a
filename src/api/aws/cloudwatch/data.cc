#include "api/aws/cloudwatch/data.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "control/meters.h"
#include "series/library.h"

namespace weir::amazon::cloudwatch {
namespace {

constexpr std::int64_t kMostBuckets = 100'000;

WallTime period_of(WallTime at, Duration period) {
  return WallTime(at.time_since_epoch() / period * period);
}

}  // namespace

bool is_period(std::int64_t seconds) {
  return seconds == 1 || seconds == 5 || seconds == 10 || seconds == 20 || seconds == 30 ||
         (seconds > 0 && seconds % 60 == 0);
}

std::optional<double> percentile_of(std::string_view text) {
  if (!text.starts_with('p')) return std::nullopt;
  text.remove_prefix(1);
  double percent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (percent < 0 || percent > 100) return std::nullopt;
  return percent;
}

std::optional<double> statistic(const Bucket& bucket, std::string_view name) {
  if (bucket.count == 0) return std::nullopt;
  if (name == "Average") return bucket.sum / bucket.count;
  if (name == "Sum") return bucket.sum;
  if (name == "SampleCount") return bucket.count;
  if (name == "Minimum") return *std::ranges::min_element(bucket.means);
  if (name == "Maximum") return *std::ranges::max_element(bucket.means);
  const auto percent = percentile_of(name);
  if (!percent) return std::nullopt;
  std::vector<double> sorted = bucket.means;
  std::ranges::sort(sorted);
  const auto rank =
      static_cast<std::size_t>(std::ceil(*percent / 100 * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

Task<std::map<WallTime, Bucket>> buckets(Context& context, weir::MetricName metric, Range range) {
  std::map<WallTime, Bucket> all;
  if (range.period <= 0s || (range.end - range.begin) / range.period > kMostBuckets) co_return all;
  const auto put = [&](WallTime at, double sum, double count) {
    if (at < range.begin || at >= range.end) return;
    Bucket& bucket = all[period_of(at, range.period)];
    bucket.sum += sum;
    bucket.count += count;
    bucket.means.push_back(sum / count);
  };
  const std::string text = to_string(metric);
  control::Control& control = context.world.control();
  const control::MeterMoment now = control.moment();
  const Duration kept = std::chrono::seconds(series::kLong.seconds);
  const WallTime exact = std::max(range.begin, now.wall - kept);
  if (range.begin < exact) {
    auto loading = control.minutes(text, range.begin);
    const auto minutes = co_await loading;
    for (const state::Point& point : minutes.value_or(std::vector<state::Point>())) {
      if (point.at < exact) put(point.at, point.value, 1);
    }
  }
  const series::Track* track = control.meters().library().find(text);
  if (track == nullptr) co_return all;
  const WallTime last = std::min(range.end, now.wall + 10s);
  for (WallTime at = period_of(exact, 1s); at < last; at += 1s) {
    if (const auto sample = track->at(now.now - (now.wall - at)))
      put(at, sample->sum, sample->count);
  }
  co_return all;
}

}  // namespace weir::amazon::cloudwatch
