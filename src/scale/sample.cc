#include "scale/sample.h"

#include <algorithm>

#include "model/metric_name.h"

namespace weir::scale {

void sample(Series& series, const GroupFacts& facts, Duration warm_up, Time now) {
  series.add(Metric::in_flight, now, facts.in_flight);
  series.add(Metric::waiting, now, facts.waiting);
  series.add_total(Metric::requests, now, facts.arrivals);

  std::uint32_t count = 0;
  double cpu = 0, memory = 0;
  std::uint32_t cpus = 0, memories = 0;
  for (const InstanceFacts& i : facts.instances) {
    if (!warm(i, warm_up, now)) continue;
    ++count;
    if (i.cpu_percent) cpu += *i.cpu_percent, ++cpus;
    if (i.memory_percent) memory += *i.memory_percent, ++memories;
  }
  series.add(Metric::instances, now, count);
  series.add(Metric::endpoints, now, count + facts.other_endpoints);
  if (cpus > 0) series.add(Metric::cpu_percent, now, cpu / cpus);
  if (memories > 0) series.add(Metric::memory_percent, now, memory / memories);
}

namespace {

const Alarm* alarm_of(const weir::Policy& policy) {
  if (policy.step && policy.step->alarm) return &*policy.step->alarm;
  if (policy.simple && policy.simple->alarm) return &*policy.simple->alarm;
  return nullptr;
}

bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::vector<std::string> foreign_metrics(const ScalingGroup& options) {
  std::vector<std::string> all;
  const auto add = [&](const std::string& metric, const std::vector<std::string>& own) {
    if (!has(own, metric) && !has(all, metric)) all.push_back(metric);
  };
  for (const weir::Policy& policy : options.policies) {
    if (const Alarm* alarm = alarm_of(policy)) add(alarm->metric, alarm_metrics());
    if (policy.target_tracking) add(policy.target_tracking->metric, tracked_metrics());
  }
  return all;
}

bool needs_latency(const ScalingGroup& options) {
  return std::any_of(options.policies.begin(), options.policies.end(), [](const auto& policy) {
    const Alarm* alarm = alarm_of(policy);
    return policy.slo || (alarm && alarm->metric == "latency") ||
           (policy.target_tracking && policy.target_tracking->metric.starts_with("latency_"));
  });
}

bool needs_forecast(const ScalingGroup& options) {
  return std::any_of(options.policies.begin(), options.policies.end(),
                     [](const auto& policy) { return policy.predictive || policy.slo; });
}

}  // namespace weir::scale
