// The life of instances: hooks, warm pools, replacement, zones.
#include <fmt/format.h>

#include <set>

#include "config/reader.h"
#include "config/suggest.h"
#include "model/desired_validate.h"

namespace weir {
namespace {

using config::Findings;
using config::shorten;
using config::Trail;

void check_hook(const LifecycleHook& hook, const Host& host, const Trail& where,
                Findings& findings) {
  if (hook.webhook && !hook.command.empty()) {
    findings.add(where.enter("command"), "stands beside a webhook",
                 "make two hooks of it: one each");
  } else {
    check_program(hook.command, where.enter("command"), findings);
  }
  if (hook.webhook) check_webhook(*hook.webhook, host, where.enter("webhook"), findings);
}

void check_alarms(const Names& alarms, const Desired& desired, const Trail& where,
                  Findings& findings) {
  std::vector<std::string> known;
  for (const auto& [name, alarm] : desired.alarms) known.push_back(name);
  for (std::size_t i = 0; i < alarms.size(); ++i) {
    if (desired.alarms.contains(alarms[i])) continue;
    findings.add(where.item(i), fmt::format("alarm '{}' does not exist", shorten(alarms[i])),
                 config::did_you_mean(alarms[i], known));
  }
}

void check_zones(const ScalingGroup& group, const Trail& where, Findings& findings) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < group.zones.size(); ++i) {
    const std::string& zone = group.zones[i];
    if (auto bad = syntax::resource_name(zone)) {
      findings.add(where.item(i), std::move(bad->what), std::move(bad->remedy));
    } else if (!seen.insert(zone).second) {
      findings.add(where.item(i), fmt::format("'{}' is listed twice", zone), "remove one");
    }
  }
}

}  // namespace

void check_refresh(const RefreshOptions& options, const Trail& where, Findings& findings) {
  for (std::size_t i = 1; i < options.checkpoints.size(); ++i) {
    if (options.checkpoints[i] > options.checkpoints[i - 1]) continue;
    findings.add(
        where.enter("checkpoints").item(i),
        fmt::format("{} is not above {}", options.checkpoints[i], options.checkpoints[i - 1]),
        "write rising percentages: [20, 50, 100]");
  }
  if (options.canary > 0 && options.checkpoints.empty()) {
    findings.add(where.enter("canary"), "needs a first checkpoint, where it waits",
                 "write checkpoints: [10, 100]");
  }
}

void check_lifecycle(const ScalingGroup& group, const Desired& desired, const Host& host,
                     const Trail& where, Findings& findings) {
  std::set<std::string> names;
  const Trail hooks = where.enter("lifecycle_hooks");
  for (std::size_t i = 0; i < group.lifecycle_hooks.size(); ++i) {
    const LifecycleHook& hook = group.lifecycle_hooks[i];
    check_hook(hook, host, hooks.item(i), findings);
    if (hook.name.empty() || names.insert(hook.name).second) continue;
    findings.add(hooks.item(i).enter("name"), fmt::format("a second hook '{}'", hook.name),
                 "give each its own name");
  }
  if (group.termination_command) {
    check_program(group.termination_command->command,
                  where.enter("termination_command").enter("command"), findings);
  }
  const auto& pool = group.warm_pool;
  if (pool && pool->max_prepared && *pool->max_prepared > group.max) {
    findings.add(where.enter("warm_pool").enter("max_prepared"),
                 fmt::format("{} is above max {}", *pool->max_prepared, group.max),
                 "raise max, or lower it");
  }
  check_refresh(group.instance_refresh, where.enter("instance_refresh"), findings);
  check_alarms(group.instance_refresh.alarms, desired,
               where.enter("instance_refresh").enter("alarms"), findings);
  check_zones(group, where.enter("zones"), findings);
  if (!group.zones.empty() && !group.launch.zone.empty()) {
    findings.add(where.enter("launch").enter("zone"), "stands beside zones",
                 "name it there, or leave zones out");
  }
}

}  // namespace weir
