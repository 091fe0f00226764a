#include "scale/series.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weir::scale {
namespace {

constexpr double kFirstBucket = 0.001;  // seconds
constexpr double kPerOctave = 4;

std::int64_t second_of(Time t) {
  return std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
}

std::size_t place(std::int64_t second) { return static_cast<std::size_t>(second) % Series::kSpan; }

}  // namespace

const Series::Slot* Series::find(Metric metric, std::int64_t second) const {
  const auto& ring = slots_[static_cast<std::size_t>(metric)];
  if (ring.empty() || second < 0) return nullptr;
  const Slot& slot = ring[place(second)];
  return slot.second == second && slot.count > 0 ? &slot : nullptr;
}

void Series::add(Metric metric, Time at, double value) {
  const auto m = static_cast<std::size_t>(metric);
  const std::int64_t second = second_of(at);
  if (second < 0) return;
  if (slots_[m].empty()) slots_[m].resize(kSpan);
  Slot& slot = slots_[m][place(second)];
  if (slot.second > second) return;  // older than what the ring holds
  if (slot.second < second) slot = {second, 0, 0};
  slot.sum += static_cast<float>(value);
  ++slot.count;
  last_[m] = std::max(last_[m], second);
}

std::optional<Metric> Series::named(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (name.empty() || found == names_.end()) return std::nullopt;
  return static_cast<Metric>(kMetrics + static_cast<std::size_t>(found - names_.begin()));
}

void Series::add(const std::string& name, Time at, double value) {
  auto metric = named(name);
  if (!metric) {
    auto place = std::find(names_.begin(), names_.end(), "");
    if (place == names_.end()) {
      if (names_.size() >= kMostNames) return;
      place = names_.insert(names_.end(), "");
      slots_.emplace_back();
      last_.push_back(-1);
    }
    *place = name;
    metric = named(name);
  }
  add(*metric, at, value);
}

void Series::keep(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (std::find(names.begin(), names.end(), names_[i]) != names.end()) continue;
    names_[i].clear();
    slots_[kMetrics + i] = {};
    last_[kMetrics + i] = -1;
  }
}

void Series::add_total(Metric metric, Time at, std::uint64_t total) {
  Total& before = totals_[static_cast<std::size_t>(metric)];
  if (!before.at || total < before.value) {  // the first one, or the counter began anew
    before = {at, total};
    return;
  }
  const Duration passed = at - *before.at;
  if (passed < 900ms) return;
  const double rate = static_cast<double>(total - before.value) / seconds(passed);
  // A late sample fills the seconds that it covers, unless it is so late that they are unknown.
  if (passed < 5s) {
    for (std::int64_t s = second_of(*before.at) + 1; s < second_of(at); ++s) {
      add(metric, Time(std::chrono::seconds(s)), rate);
    }
  }
  add(metric, at, rate);
  before = {at, total};
}

Window Series::window(Metric metric, Time end, std::uint32_t length) const {
  Window result;
  double sum = 0;
  result.max = -std::numeric_limits<double>::infinity();
  const std::int64_t last = second_of(end);
  for (std::int64_t s = last - std::min(length, kSpan) + 1; s <= last; ++s) {
    const Slot* slot = find(metric, s);
    if (!slot) continue;
    const double value = static_cast<double>(slot->sum) / slot->count;
    sum += value;
    result.max = std::max(result.max, value);
    ++result.seconds;
  }
  if (result.seconds == 0) return {};
  result.mean = sum / result.seconds;
  return result;
}

std::optional<double> Series::at(Metric metric, Time second) const {
  const Slot* slot = find(metric, second_of(second));
  if (!slot) return std::nullopt;
  return static_cast<double>(slot->sum) / slot->count;
}

std::optional<Time> Series::last(Metric metric) const {
  const std::int64_t second = last_[static_cast<std::size_t>(metric)];
  if (second < 0) return std::nullopt;
  return Time(std::chrono::seconds(second));
}

void Series::add_latency(Time at, double latency, std::uint32_t count) {
  const std::int64_t second = second_of(at);
  if (second < 0) return;
  if (latencies_.empty()) latencies_.resize(kSpan);
  LatencySlot& slot = latencies_[place(second)];
  if (slot.second > second) return;
  if (slot.second < second) slot = {second, {}};
  const double octaves = std::log2(std::max(latency, kFirstBucket) / kFirstBucket);
  const auto bucket = std::min(static_cast<std::size_t>(octaves * kPerOctave), kBuckets - 1);
  const std::uint32_t full = std::numeric_limits<std::uint16_t>::max();
  slot.counts[bucket] = static_cast<std::uint16_t>(
      std::min<std::uint64_t>(std::uint64_t{slot.counts[bucket]} + count, full));
}

Series::Latency Series::latency(double share, Time end, std::uint32_t length) const {
  std::array<std::uint64_t, kBuckets> counts{};
  Latency result;
  const std::int64_t last = second_of(end);
  for (std::int64_t s = last - std::min(length, kSpan) + 1; s <= last; ++s) {
    if (latencies_.empty() || s < 0) continue;
    const LatencySlot& slot = latencies_[place(s)];
    if (slot.second != s) continue;
    for (std::size_t b = 0; b < kBuckets; ++b) {
      counts[b] += slot.counts[b];
      result.count += slot.counts[b];
    }
  }
  const double wanted = share * static_cast<double>(result.count);
  std::uint64_t seen = 0;
  for (std::size_t b = 0; b < kBuckets && result.count > 0; ++b) {
    seen += counts[b];
    if (counts[b] == 0 || static_cast<double>(seen) < wanted) continue;
    // The bucket's middle, on the logarithmic scale.
    result.seconds = kFirstBucket * std::exp2((static_cast<double>(b) + 0.5) / kPerOctave);
    break;
  }
  return result;
}

}  // namespace weir::scale
