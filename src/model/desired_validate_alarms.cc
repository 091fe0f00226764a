// Alarms and computed metrics: what they name exists, and no metric is made of itself.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "config/reader.h"
#include "config/suggest.h"
#include "model/desired_validate.h"
#include "model/metric_math.h"

namespace weir {
namespace {

using config::Findings;
using config::shorten;
using config::Trail;

template <class T>
std::vector<std::string> names_of(const Named<T>& all) {
  std::vector<std::string> names;
  for (const auto& [name, value] : all) names.push_back(name);
  return names;
}

struct Wrong {
  std::string what;
  std::string remedy;
};

// A metric that weir measures by itself, of one subject.
std::optional<Wrong> check_measured(const MetricName& name, const Desired& desired) {
  const auto& [dimension, value] = *name.dimensions.begin();
  const auto& subjects = subject_words();
  const auto subject = std::find(subjects.begin(), subjects.end(), dimension);
  if (name.dimensions.size() > 1 || subject == subjects.end()) {
    return Wrong{fmt::format("'{}' has other dimensions than one of {}", to_string(name),
                             fmt::join(subjects, ", ")),
                 "write one, or custom. before the name of a metric that is pushed"};
  }
  const auto& metrics = metrics_of(static_cast<Subject>(subject - subjects.begin()));
  if (std::find(metrics.begin(), metrics.end(), name.name) == metrics.end()) {
    return Wrong{fmt::format("a {} has no metric '{}'", dimension, shorten(name.name)),
                 config::did_you_mean(name.name, metrics)};
  }
  const auto missing = [&](const auto& all, const char* kind) -> std::optional<Wrong> {
    if (all.contains(value)) return std::nullopt;
    return Wrong{fmt::format("{} '{}' does not exist", kind, shorten(value)),
                 config::did_you_mean(value, names_of(all))};
  };
  if (dimension == "listener") return missing(desired.listeners, "listener");
  if (dimension == "target_group") return missing(desired.target_groups, "target group");
  if (dimension == "scaling_group") return missing(desired.scaling_groups, "scaling group");
  return std::nullopt;  // zones, endpoints and instances come and go
}

bool is_measured(const std::string& name) {
  const auto& subjects = subject_words();
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const auto& metrics = metrics_of(static_cast<Subject>(i));
    if (std::find(metrics.begin(), metrics.end(), name) != metrics.end()) return true;
  }
  return false;
}

std::optional<Wrong> check_name(const MetricName& name, const std::vector<std::string>& words,
                                const Desired& desired) {
  if (is_custom(name.name)) return std::nullopt;
  if (!name.dimensions.empty()) return check_measured(name, desired);
  if (std::find(words.begin(), words.end(), name.name) != words.end()) return std::nullopt;
  if (desired.metrics.contains(name.name)) return std::nullopt;
  if (words.empty() && is_measured(name.name)) {
    return Wrong{
        fmt::format("'{}' does not say whose it is", name.name),
        fmt::format("write it with a dimension, such as {}{{target_group=NAME}}", name.name)};
  }
  std::vector<std::string> known = words;
  for (const auto& [other, expression] : desired.metrics) known.push_back(other);
  if (known.empty()) {
    return Wrong{fmt::format("metrics has no '{}'", shorten(name.name)),
                 "name whose it is, such as in_flight{target_group=ocr}; what is pushed begins "
                 "with custom."};
  }
  return Wrong{fmt::format("'{}' is not known", shorten(name.name)),
               config::did_you_mean(name.name, known)};
}

void check_action(const AlarmAction& action, const Desired& desired, const Trail& where,
                  Findings& findings) {
  const bool runs = !action.policy.empty() || !action.scaling_group.empty();
  if (runs == !action.notification.empty()) {
    findings.add(where, runs ? "is two actions in one" : "does nothing",
                 "write { notification: NAME } or { scaling_group: NAME, policy: NAME }");
    return;
  }
  if (!runs) {
    if (desired.notifications.contains(action.notification)) return;
    findings.add(where.enter("notification"),
                 fmt::format("notification '{}' does not exist", shorten(action.notification)),
                 config::did_you_mean(action.notification, names_of(desired.notifications)));
    return;
  }
  const auto group = desired.scaling_groups.find(action.scaling_group);
  if (group == desired.scaling_groups.end()) {
    findings.add(where.enter("scaling_group"),
                 fmt::format("scaling group '{}' does not exist", shorten(action.scaling_group)),
                 config::did_you_mean(action.scaling_group, names_of(desired.scaling_groups)));
    return;
  }
  std::vector<std::string> known;
  for (const Policy& policy : group->second.policies) {
    const bool runnable =
        (policy.step && !policy.step->alarm) || (policy.simple && !policy.simple->alarm);
    if (runnable && !policy.name.empty()) known.push_back(policy.name);
  }
  if (std::find(known.begin(), known.end(), action.policy) != known.end()) return;
  findings.add(where.enter("policy"),
               fmt::format("scaling group '{}' has no step or simple policy '{}' without an alarm "
                           "of its own",
                           action.scaling_group, shorten(action.policy)),
               config::did_you_mean(action.policy, known));
}

void check_actions(const std::vector<AlarmAction>& actions, const Desired& desired,
                   const Trail& where, Findings& findings) {
  for (std::size_t i = 0; i < actions.size(); ++i) {
    check_action(actions[i], desired, where.item(i), findings);
  }
}

// Whether `name` is made of itself, by way of others.
bool is_circular(const std::string& name,
                 const std::map<std::string, std::set<std::string>>& uses) {
  std::set<std::string> seen;
  const std::function<bool(const std::string&)> reaches = [&](const std::string& from) {
    const auto found = uses.find(from);
    if (found == uses.end()) return false;
    return std::any_of(found->second.begin(), found->second.end(), [&](const std::string& next) {
      return next == name || (seen.insert(next).second && reaches(next));
    });
  };
  return reaches(name);
}

}  // namespace

void check_metric(const std::string& metric, const std::vector<std::string>& words,
                  const Desired& desired, const Trail& where, Findings& findings) {
  const auto name = parse_metric_name(metric);
  if (!name) return;  // the table has said it
  if (name->name == "latency" && !name->dimensions.empty() &&
      !name->dimensions.contains("target_group")) {
    findings.add(where, "latency is that of a target group", "write latency{target_group=NAME}");
    return;
  }
  if (const auto wrong = check_name(*name, words, desired)) {
    findings.add(where, wrong->what, wrong->remedy);
  }
}

void validate_metrics(const Desired& desired, Findings& findings) {
  const Trail root;
  const Trail all = root.enter("metrics");
  std::map<std::string, std::set<std::string>> uses;
  for (const auto& [name, expression] : desired.metrics) {
    const Trail here = all.enter(name);
    const auto parsed_name = parse_metric_name(name);
    if (!parsed_name || !parsed_name->dimensions.empty() || is_custom(name)) {
      findings.add(here, fmt::format("'{}' is no name for a metric", shorten(name)),
                   "write letters, digits and '_', and not custom. before it");
    }
    const auto math = MetricMath::parse(expression);
    if (!math) {
      findings.add(here, math.error().message, "see docs/guide/alarms.md for what may be written");
      continue;
    }
    for (const MetricName& one : math->names()) {
      if (one.name == "latency" && !one.dimensions.empty()) {
        findings.add(here, "latency is by percentile", "write latency_p95, or another of them");
      } else if (const auto wrong = check_name(one, {}, desired)) {
        findings.add(here, wrong->what, wrong->remedy);
      }
      uses[name].insert(one.name);
    }
  }
  for (const auto& [name, expression] : desired.metrics) {
    if (!is_circular(name, uses)) continue;
    findings.add(all.enter(name), "is made of itself", "take it out of what it is made of");
  }
}

void validate_alarms(const Desired& desired, Findings& findings) {
  const Trail root;
  const Trail all = root.enter("alarms");
  for (const auto& [name, one] : desired.alarms) {
    const Trail here = all.enter(name);
    check_alarm(one.alarm, here, findings);
    const auto metric = parse_metric_name(one.alarm.metric);
    if (metric && metric->name == "latency" && !metric->dimensions.empty() &&
        !one.alarm.percentile) {
      findings.add(here.enter("metric"), "latency is watched by percentile", "add percentile: 95");
    }
    check_metric(one.alarm.metric, {}, desired, here.enter("metric"), findings);
    check_actions(one.on_alarm, desired, here.enter("on_alarm"), findings);
    check_actions(one.on_ok, desired, here.enter("on_ok"), findings);
    check_actions(one.on_insufficient_data, desired, here.enter("on_insufficient_data"), findings);
  }
}

}  // namespace weir
