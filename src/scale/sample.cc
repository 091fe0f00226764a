#include "scale/sample.h"

#include <algorithm>

#include "model/metric_name.h"

namespace weir::scale {
namespace {

class Mean {
 public:
  void add(const std::optional<double>& value) {
    if (!value) return;
    sum_ += *value;
    ++count_;
  }
  void write(Series& series, Metric metric, Time now) const {
    if (count_ > 0) series.add(metric, now, sum_ / count_);
  }

 private:
  double sum_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace

void sample(Series& series, const GroupFacts& facts, Duration warm_up, Time now) {
  series.add(Metric::in_flight, now, facts.in_flight);
  series.add(Metric::waiting, now, facts.waiting);
  series.add_total(Metric::requests, now, facts.arrivals);

  std::uint32_t count = 0;
  Mean cpu, memory, gpu, gpu_memory;
  for (const InstanceFacts& i : facts.instances) {
    if (!warm(i, warm_up, now)) continue;
    count += i.weight;
    cpu.add(i.cpu_percent);
    memory.add(i.memory_percent);
    gpu.add(i.gpu_percent);
    gpu_memory.add(i.gpu_memory_percent);
  }
  series.add(Metric::instances, now, count);
  series.add(Metric::endpoints, now, count + facts.other_endpoints);
  cpu.write(series, Metric::cpu_percent, now);
  memory.write(series, Metric::memory_percent, now);
  gpu.write(series, Metric::gpu_percent, now);
  gpu_memory.write(series, Metric::gpu_memory_percent, now);
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
