#include "scale/sample.h"

#include <algorithm>

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
    count += i.weight;
    if (i.cpu_percent) cpu += *i.cpu_percent, ++cpus;
    if (i.memory_percent) memory += *i.memory_percent, ++memories;
  }
  series.add(Metric::instances, now, count);
  series.add(Metric::endpoints, now, count + facts.other_endpoints);
  if (cpus > 0) series.add(Metric::cpu_percent, now, cpu / cpus);
  if (memories > 0) series.add(Metric::memory_percent, now, memory / memories);
}

bool needs_latency(const ScalingGroup& options) {
  return std::any_of(options.policies.begin(), options.policies.end(), [](const auto& policy) {
    return policy.slo ||
           (policy.target_tracking && policy.target_tracking->metric.starts_with("latency_"));
  });
}

bool needs_forecast(const ScalingGroup& options) {
  return std::any_of(options.policies.begin(), options.policies.end(),
                     [](const auto& policy) { return policy.predictive || policy.slo; });
}

}  // namespace weir::scale
