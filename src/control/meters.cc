#include "control/meters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/units.h"
#include "scale/measure.h"

namespace weir::control {
namespace {

constexpr Duration kLate = 5s;    // samples of a minute may come so much later
constexpr Duration kOldest = 3h;  // of what is pushed
constexpr Duration kAhead = 10s;  // of another machine's clock
constexpr std::size_t kMostCustom = 500;

std::string name_of(Subject subject, const std::string& whose, const std::string& metric) {
  return fmt::format("{}{{{}={}}}", metric, to_string(subject), whose);
}

series::Span span_of(Subject subject) {
  const bool brief = subject == Subject::endpoint || subject == Subject::instance;
  return brief ? series::kBrief : series::kLong;
}

std::string canonical(const std::string& text) {
  const auto name = parse_metric_name(text);
  return name ? to_string(*name) : text;
}

}  // namespace

void Meters::update(const Desired& desired) {
  computed_.clear();
  for (const auto& [name, text] : desired.metrics) {
    auto math = MetricMath::parse(text);
    if (!math) continue;  // validation has said so
    Computed one{std::move(*math), {}};
    for (const MetricName& part : one.math.names()) one.names.push_back(to_string(part));
    computed_.emplace(name, std::move(one));
  }
  std::set<std::string> watched;
  for (const auto& [name, alarm] : desired.alarms) {
    const auto metric = parse_metric_name(alarm.alarm.metric);
    if (metric && metric->name == "latency" && metric->dimensions.contains("target_group")) {
      watched.insert(metric->dimensions.at("target_group"));
    }
  }
  std::erase_if(latencies_,
                [&](const auto& row) { return !desired.target_groups.contains(row.first); });
  for (auto& [group, latency] : latencies_) {
    if (!watched.contains(group)) latency.series.reset();
  }
  for (const std::string& group : watched) {
    auto& series = latencies_[group].series;
    if (!series) series = std::make_unique<scale::Series>();
  }
}

// ---------------------------------------------------------------- measuring

void Meters::tell(Subject subject, const std::string& whose, const std::string& metric, Time at,
                  double value) {
  library_.add(name_of(subject, whose, metric), span_of(subject), at, value);
}

void Meters::tell_rate(Subject subject, const std::string& whose, const std::string& metric,
                       Time at, std::uint64_t total) {
  const std::string name = name_of(subject, whose, metric);
  const auto [known, first] = totals_.try_emplace(name, Total{at, total});
  if (first) return;
  const Total before = std::exchange(known->second, Total{at, total});
  const Duration passed = at - before.at;
  if (passed <= Duration(0) || total < before.value) return;
  library_.add(name, span_of(subject), at,
               static_cast<double>(total - before.value) / seconds(passed));
}

void Meters::sample(const Snapshot& snapshot, const Counts& counts, const Latencies& latencies,
                    MeterMoment at) {
  struct Zone {
    double endpoints = 0, healthy = 0, in_flight = 0;
  };
  std::map<std::string, Zone> zones;
  for (const auto& group : snapshot.groups) {
    if (!group) continue;
    sample_group(*group, latencies, at.now);
    for (const auto& endpoint : group->endpoints) {
      if (endpoint->zone.empty()) continue;
      const Load& load = *endpoint->load;
      Zone& zone = zones[endpoint->zone];
      ++zone.endpoints;
      zone.healthy += load.health.load(std::memory_order_relaxed) == Health::healthy ? 1 : 0;
      zone.in_flight += load.in_flight.load(std::memory_order_relaxed);
    }
  }
  for (const auto& [name, zone] : zones) {
    tell(Subject::zone, name, "endpoints", at.now, zone.endpoints);
    tell(Subject::zone, name, "healthy_endpoints", at.now, zone.healthy);
    tell(Subject::zone, name, "in_flight", at.now, zone.in_flight);
  }

  std::map<std::string, std::uint64_t> requests, errors, group_errors;
  for (const Counts::Requests& row : counts.requests) {
    const std::uint64_t failed = row.code == "5xx" ? row.total : 0;
    requests[row.listener] += row.total;
    errors[row.listener] += failed;
    if (!row.group.empty()) group_errors[row.group] += failed;
  }
  for (const auto& [name, total] : requests) {
    tell_rate(Subject::listener, name, "requests_per_second", at.now, total);
    tell_rate(Subject::listener, name, "errors_per_second", at.now, errors[name]);
  }
  for (const auto& [name, total] : group_errors) {
    tell_rate(Subject::target_group, name, "errors_per_second", at.now, total);
  }
  for (const auto& [name, total] : counts.connections) {
    tell_rate(Subject::listener, name, "connections_per_second", at.now, total);
  }
}

void Meters::sample_group(const Group& group, const Latencies& latencies, Time at) {
  const GroupLoad& load = *group.load;
  const auto tell_group = [&](const char* metric, double value) {
    tell(Subject::target_group, group.name, metric, at, value);
  };
  double healthy = 0;
  for (const auto& endpoint : group.endpoints) {
    const Load& one = *endpoint->load;
    const bool fit = one.health.load(std::memory_order_relaxed) == Health::healthy &&
                     !one.draining.load(std::memory_order_relaxed);
    healthy += fit ? 1 : 0;
    const std::string whose = group.name + "/" + endpoint->address;
    tell(Subject::endpoint, whose, "in_flight", at, one.in_flight.load(std::memory_order_relaxed));
    tell(Subject::endpoint, whose, "healthy", at, fit ? 1 : 0);
    const double latency = one.latency.load(std::memory_order_relaxed);
    if (latency > 0) tell(Subject::endpoint, whose, "latency_mean", at, latency);
  }
  const double waiting =
      load.waiting.load(std::memory_order_relaxed) + load.resting.load(std::memory_order_relaxed);
  const double in_flight = load.in_flight.load(std::memory_order_relaxed) + waiting;
  tell_group("endpoints", static_cast<double>(group.endpoints.size()));
  tell_group("healthy_endpoints", healthy);
  tell_group("waiting", waiting);
  tell_group("in_flight", in_flight);
  tell_rate(Subject::target_group, group.name, "requests_per_second", at,
            load.arrivals.load(std::memory_order_relaxed));
  if (healthy > 0) {
    tell_group("waiting_per_endpoint", waiting / healthy);
    tell_group("in_flight_per_endpoint", in_flight / healthy);
    const auto rate = value(name_of(Subject::target_group, group.name, "requests_per_second"), at);
    if (rate) tell_group("requests_per_second_per_endpoint", *rate / healthy);
  }
  sample_latency(group, latencies, at);
}

void Meters::sample_latency(const Group& group, const Latencies& latencies, Time at) {
  Latency& latency = latencies_[group.name];
  const observe::Distribution total = latencies(group.name);
  const observe::Distribution fresh = total.since(latency.before);
  latency.before = total;
  if (!std::exchange(latency.known, true)) return;  // of a time that nobody knows
  const std::uint64_t count = fresh.count();
  if (count == 0) return;
  const auto tell_group = [&](const char* metric, double value) {
    tell(Subject::target_group, group.name, metric, at, value);
  };
  tell_group("latency_mean", static_cast<double>(fresh.sum_us) / 1e6 / static_cast<double>(count));
  tell_group("latency_p50", seconds(fresh.percentile(0.50)));
  tell_group("latency_p90", seconds(fresh.percentile(0.90)));
  tell_group("latency_p95", seconds(fresh.percentile(0.95)));
  tell_group("latency_p99", seconds(fresh.percentile(0.99)));
  if (!latency.series) return;
  for (std::size_t i = 0; i < fresh.buckets.size(); ++i) {
    if (fresh.buckets[i] == 0) continue;
    const Duration low = i == 0 ? Duration(0) : observe::Histogram::bound(i - 1);
    const Duration middle = low + (observe::Histogram::bound(i) - low) / 2;
    latency.series->add_latency(at, seconds(middle), static_cast<std::uint32_t>(fresh.buckets[i]));
  }
}

// ---------------------------------------------------------------- computing

// Of the current second by its parts, as its own sample may come after this one; of earlier ones as
// it was.
std::optional<double> Meters::computed(const std::string& name, Time second, Time current) const {
  const auto found = computed_.find(name);
  if (found == computed_.end() || second < current) return value(name, second);
  const Computed& one = found->second;
  return one.math.at(
      [&](std::size_t index, Time at) { return computed(one.names[index], at, current); }, second);
}

void Meters::compute(Time at) {
  for (const auto& [name, one] : computed_) {
    const auto value = computed(name, at, at);
    if (value) library_.add(name, series::kLong, at, *value);
  }
}

std::optional<Meters::Closed> Meters::close_minute(MeterMoment at) {
  const auto late = at.wall - kLate;
  const std::int64_t minute = late.time_since_epoch() / 1min;
  const auto before = std::exchange(minute_, minute);
  if (!before || *before >= minute) return std::nullopt;
  Closed closed;
  const WallTime end{minute * std::chrono::minutes(1)};
  closed.begin = end - 1min;
  closed.means = library_.close_minute(at.now - (at.wall - end), closed.begin);
  return closed;
}

// ---------------------------------------------------------------- from outside

Result<> Meters::push(MetricName name, double value, std::optional<WallTime> time, MeterMoment at,
                      double count) {
  if (!is_custom(name.name)) name.name.insert(0, kCustom);
  if (!std::isfinite(static_cast<float>(value))) {
    return fail(Code::invalid,
                fmt::format("{}: the value is no number that can be kept", name.name));
  }
  const Duration ago = time ? at.wall - *time : Duration(0);
  if (ago > kOldest || ago < -kAhead) {
    return fail(Code::invalid, fmt::format("{}: {} is not within the last 3 hours", name.name,
                                           weir::to_string(*time)));
  }
  const std::string text = to_string(name);
  if (!library_.find(text) && library_.names(kCustom).size() >= kMostCustom) {
    return fail(Code::limit,
                fmt::format("{}: there are {} custom metrics already", text, kMostCustom));
  }
  if (!library_.add(text, series::kLong, at.now - ago, value, count)) {
    return fail(Code::limit, text + ": the memory for metrics is used up");
  }
  return {};
}

// ---------------------------------------------------------------- reading

std::optional<double> Meters::value(const std::string& name, Time second) const {
  const series::Track* track = library_.find(name);
  if (!track) track = library_.find(canonical(name));
  const auto sample = track ? track->at(second) : std::nullopt;
  return sample ? std::optional(sample->mean()) : std::nullopt;
}

std::vector<std::optional<double>> Meters::datapoints(const Alarm& alarm, Time now,
                                                      std::size_t count) const {
  const auto metric = parse_metric_name(alarm.metric);
  if (metric && metric->name == "latency" && metric->dimensions.contains("target_group")) {
    const auto found = latencies_.find(metric->dimensions.at("target_group"));
    if (found == latencies_.end() || !found->second.series)
      return std::vector<std::optional<double>>(count);
    Alarm plain = alarm;
    plain.metric = "latency";
    return scale::datapoints(plain, *found->second.series, now, count);
  }
  const series::Track* track = library_.find(canonical(alarm.metric));
  if (!track) return std::vector<std::optional<double>>(count);
  const scale::TellSecond tell = [track](Time second) -> std::optional<scale::Told> {
    const auto sample = track->at(second);
    return sample ? std::optional(scale::Told{sample->sum, sample->count}) : std::nullopt;
  };
  return scale::datapoints(alarm, tell, now, count);
}

}  // namespace weir::control
