// What protects from too much: keys that contradict each other or have no effect.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/reader.h"
#include "config/suggest.h"
#include "model/desired_validate.h"

namespace weir {
namespace {

using config::Findings;
using config::Trail;

constexpr std::size_t kMostClasses = 8;

void check_classes(const Queue& queue, const Trail& where, Findings& findings) {
  const Trail classes = where.enter("classes");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < queue.classes.size(); ++i) {
    if (!seen.insert(queue.classes[i]).second) {
      findings.add(classes.item(i), fmt::format("class '{}' is listed twice", queue.classes[i]),
                   "remove one");
    }
  }
  if (queue.classes.size() > kMostClasses) {
    findings.add(classes,
                 fmt::format("{} classes are above {}", queue.classes.size(), kMostClasses),
                 "fewer serve better: interactive, standard, batch");
  }
  if (queue.classes.empty()) {
    if (!queue.class_header.empty()) {
      findings.add(where.enter("class_header"), "has no effect without classes",
                   "list classes, the most important first: classes: [interactive, batch]");
    }
    if (!queue.default_class.empty()) {
      findings.add(where.enter("default_class"), "has no effect without classes",
                   "list classes, the most important first: classes: [interactive, batch]");
    }
  } else if (!queue.default_class.empty() && !seen.contains(queue.default_class)) {
    findings.add(where.enter("default_class"),
                 fmt::format("'{}' is none of the classes", config::shorten(queue.default_class)),
                 config::did_you_mean(queue.default_class, queue.classes));
  }
}

void check_adaptive(const AdaptiveConcurrency& options, std::uint32_t max_in_flight,
                    const Trail& where, Findings& findings) {
  if (options.min > options.max) {
    findings.add(where.enter("min"),
                 fmt::format("min {} is above max {}", options.min, options.max),
                 "raise max, or lower min");
  } else if (options.initial < options.min || options.initial > options.max) {
    findings.add(where.enter("initial"),
                 fmt::format("initial {} is not between min {} and max {}", options.initial,
                             options.min, options.max),
                 "choose one between them");
  }
  if (options.enabled && max_in_flight != 0 && max_in_flight < options.min) {
    findings.add(where.enter("min"),
                 fmt::format("min {} is above max_in_flight {}", options.min, max_in_flight),
                 "raise max_in_flight, or lower min");
  }
}

}  // namespace

void validate_overload(const TargetGroup& group, const Trail& where, Findings& findings) {
  check_classes(group.queue, where.enter("queue"), findings);
  check_adaptive(group.adaptive_concurrency, group.max_in_flight,
                 where.enter("adaptive_concurrency"), findings);
}

void validate_route(const Rule& rule, const Desired& desired, const Trail& where,
                    Findings& findings) {
  const auto* forward = std::get_if<Forward>(&rule.action);
  if (!forward) {
    const auto useless = [&](bool given, std::string_view key) {
      if (!given) return;
      findings.add(where.enter(key), "has no effect on a rule that does not forward",
                   "remove it, or write forward: GROUP");
    };
    useless(!(rule.retry == RouteRetry{}), "retry");
    useless(!(rule.timeouts == RouteTimeouts{}), "timeouts");
    useless(!rule.queue_class.empty(), "queue_class");
    return;
  }
  for (const auto& share : forward->groups) {
    const auto found = desired.target_groups.find(share.group);
    if (found == desired.target_groups.end()) continue;
    const TargetGroup& group = found->second;
    const Duration backoff = rule.retry.backoff.value_or(group.retry.backoff);
    const Duration most = rule.retry.backoff_max.value_or(group.retry.backoff_max);
    if ((rule.retry.backoff || rule.retry.backoff_max) && backoff > most) {
      const Trail retry = where.enter("retry");
      findings.add(retry.enter(rule.retry.backoff ? "backoff" : "backoff_max"),
                   fmt::format("backoff {} is above backoff_max {} (with target group '{}')",
                               to_string(backoff), to_string(most), share.group),
                   "raise backoff_max, or lower backoff");
    }
    const Names& classes = group.queue.classes;
    if (rule.queue_class.empty() ||
        std::find(classes.begin(), classes.end(), rule.queue_class) != classes.end()) {
      continue;
    }
    findings.add(where.enter("queue_class"),
                 fmt::format("'{}' is none of the queue.classes of target group '{}'",
                             config::shorten(rule.queue_class), share.group),
                 classes.empty()
                     ? fmt::format("add target_groups.{}.queue.classes, the most important first",
                                   share.group)
                     : config::did_you_mean(rule.queue_class, classes));
  }
}

}  // namespace weir
