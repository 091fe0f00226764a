// Scaling policies: alarms that cannot be judged, steps with gaps, metrics that two policies track.
#include <fmt/format.h>

#include <map>

#include "config/reader.h"
#include "model/desired_validate.h"
#include "model/metric_name.h"

namespace weir {
namespace {

using config::Findings;
using config::Trail;

// "threshold: what is wrong; what to do".
void add_all(const std::vector<std::string>& mistakes, const Trail& where, Findings& findings) {
  for (const std::string& mistake : mistakes) {
    const auto colon = mistake.find(": ");
    const auto split = mistake.rfind("; ");
    const std::string key = mistake.substr(0, colon);
    const bool plain = key.find_first_of(" []") == std::string::npos;
    const std::size_t begin = plain ? colon + 2 : 0;
    findings.add(plain ? where.enter(key) : where, mistake.substr(begin, split - begin),
                 mistake.substr(split + 2));
  }
}

// Its own alarm, or a name by which one of alarms: runs it.
void check_policy_alarm(const std::optional<Alarm>& alarm, const std::string& name,
                        const Desired& desired, const Trail& where, Findings& findings) {
  if (alarm) {
    check_alarm(*alarm, where.enter("alarm"), findings);
    check_metric(alarm->metric, alarm_metrics(), desired, where.enter("alarm").enter("metric"),
                 findings);
  } else if (name.empty()) {
    findings.add(where, "has no alarm",
                 "write one: alarm: { metric: waiting, threshold: 5 }, or a name beside it, by "
                 "which an alarm of alarms: runs the policy");
  }
}

void check_tracking(const TargetTracking& tracking, const Trail& here, Findings& findings) {
  if (tracking.metric.ends_with("_percent") && tracking.target > 100) {
    findings.add(here.enter("target"), fmt::format("{} percent cannot be reached", tracking.target),
                 "write a percentage below 100");
  }
}

void check_predictive(const Predictive& predictive, const Trail& here, Findings& findings) {
  if (!predictive.max_capacity_buffer || predictive.max_capacity_behaviour == "increase") return;
  findings.add(here.enter("max_capacity_buffer"), "counts only where the maximum may be raised",
               "add max_capacity_behaviour: increase, or remove it");
}

}  // namespace

void check_alarm(const Alarm& alarm, const Trail& where, Findings& findings) {
  if (alarm.metric.empty()) return;  // its absence has been said
  if (alarm.metric == "latency" && !alarm.percentile) {
    findings.add(where.enter("metric"), "latency is watched by percentile", "add percentile: 95");
  }
  const auto problems = mistakes(alarm);
  add_all(problems, where, findings);
  if (problems.empty() && alarm.period * evaluation_range(alarm) > kAlarmHistory) {
    findings.add(
        where.enter("evaluation_periods"),
        fmt::format("{} periods of {}, and {} more for those that lack, are longer than the "
                    "{} of seconds that are kept",
                    alarm.evaluation_periods, to_string(alarm.period),
                    evaluation_range(alarm) - alarm.evaluation_periods, to_string(kAlarmHistory)),
        "lower it, or the period");
  }
}

void check_policies(const ScalingGroup& group, const Desired& desired, const Trail& where,
                    Findings& findings) {
  std::map<std::string, std::size_t> names;
  std::map<std::string, std::size_t> tracked;
  for (std::size_t i = 0; i < group.policies.size(); ++i) {
    const Policy& policy = group.policies[i];
    const Trail item = where.item(i);
    const auto [first, new_name] = names.emplace(policy.name, i);
    if (!policy.name.empty() && !new_name) {
      findings.add(item.enter("name"),
                   fmt::format("'{}' is the name of policies[{}] too", policy.name, first->second),
                   "choose another");
    }
    if (policy.scheduled) {
      check_schedule(*policy.scheduled, group, item.enter("scheduled"), findings);
    }
    if (policy.predictive) check_predictive(*policy.predictive, item.enter("predictive"), findings);
    if (policy.step) {
      const Trail here = item.enter("step");
      check_policy_alarm(policy.step->alarm, policy.name, desired, here, findings);
      add_all(mistakes(*policy.step), here, findings);
    }
    if (policy.simple) {
      const Trail here = item.enter("simple");
      check_policy_alarm(policy.simple->alarm, policy.name, desired, here, findings);
      add_all(mistakes(*policy.simple), here, findings);
    }
    if (!policy.target_tracking) continue;
    const Trail here = item.enter("target_tracking");
    check_tracking(*policy.target_tracking, here, findings);
    if (policy.target_tracking->metric.empty()) continue;
    check_metric(policy.target_tracking->metric, tracked_metrics(), desired, here.enter("metric"),
                 findings);
    const auto [other, fresh] = tracked.emplace(policy.target_tracking->metric, i);
    if (!fresh) {
      findings.add(here.enter("metric"),
                   fmt::format("{} is tracked by policies[{}] too", policy.target_tracking->metric,
                               other->second),
                   "keep one of them");
    }
  }
}

}  // namespace weir
