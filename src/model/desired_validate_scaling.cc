// Scaling groups: bounds, commands that cannot be reached, ports and devices that do not suffice.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/reader.h"
#include "config/suggest.h"
#include "model/desired_validate.h"

namespace weir {
namespace {

using config::Findings;
using config::shorten;
using config::Trail;

// Complains of ${WEIR_...} that weir does not set.
void check_variables(const std::string& text, const Trail& where, Findings& findings) {
  for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 2)) {
    const auto close = text.find('}', at);
    const std::string name =
        text.substr(at + 2, close == std::string::npos ? close : close - at - 2);
    if (close == std::string::npos) {
      findings.add(where, fmt::format("'{}' has no '}}'", shorten(text.substr(at))), "close it");
      return;
    }
    const bool ours = name == "WEIR_PORT" || name == "WEIR_INSTANCE";
    if (!ours && config::closest(name, {"WEIR_PORT", "WEIR_INSTANCE"})) {
      findings.add(where, fmt::format("${{{}}} is not known", shorten(name)),
                   config::did_you_mean(name, {"WEIR_PORT", "WEIR_INSTANCE"}));
    }
  }
}

}  // namespace

void check_launch(const Launch& launch, const Desired& desired, const Trail& where,
                  Findings& findings) {
  const Trail command = where.enter("command");
  const Trail environment = where.enter("environment");
  bool names_port = false;
  for (std::size_t i = 0; i < launch.command.size(); ++i) {
    names_port = names_port || launch.command[i].find("WEIR_PORT") != std::string::npos;
    check_variables(launch.command[i], command.item(i), findings);
  }
  for (const auto& [name, value] : launch.environment) {
    names_port = names_port || value.find("WEIR_PORT") != std::string::npos;
    check_variables(value, environment.enter(name), findings);
    if (auto bad = syntax::variable_name(name)) {
      findings.add(environment.enter(name), std::move(bad->what), std::move(bad->remedy));
    }
    if (name == "CUDA_VISIBLE_DEVICES" && launch.gpus > 0) {
      findings.add(environment.enter(name), "is set by weir where gpus: is given", "remove it");
    }
  }
  if (launch.command.empty()) return;
  check_program(launch.command, command, findings);
  if (!names_port && !findings.touched(command)) {
    findings.add(command, "does not tell the instance its port",
                 "add \"${WEIR_PORT}\" to the command, or to a variable of the environment");
  }
  if (launch.memory.value > 0 && launch.memory.value < 1024 * 1024) {
    findings.add(where.enter("memory"),
                 fmt::format("{} is too little for a process", to_string(launch.memory)),
                 "write at least 1MiB, or 0 for unlimited");
  }
  if (launch.gpus > desired.devices.size()) {
    const std::string what =
        desired.devices.empty()
            ? fmt::format("{} wanted, and devices: lists none", launch.gpus)
            : fmt::format("{} wanted, and devices: lists {}", launch.gpus, desired.devices.size());
    findings.add(where.enter("gpus"), what, "list them at the top level: devices: [0, 1]");
  }
}

namespace {

void check_bounds(const ScalingGroup& group, const Trail& where, Findings& findings) {
  if (group.min > group.max) {
    findings.add(where.enter("min"), fmt::format("min {} is above max {}", group.min, group.max),
                 "raise max, or lower min");
  } else if (group.desired && *group.desired < group.min) {
    findings.add(where.enter("desired"),
                 fmt::format("desired {} is below min {}", *group.desired, group.min),
                 "choose one from min to max");
  } else if (group.desired && *group.desired > group.max) {
    findings.add(where.enter("desired"),
                 fmt::format("desired {} is above max {}", *group.desired, group.max),
                 "choose one from min to max");
  }
}

void check_targets(const std::string& name, const ScalingGroup& group, const Desired& desired,
                   std::map<std::string, std::string>& owners, const Trail& where,
                   Findings& findings) {
  std::set<std::string> seen;
  if (group.target_groups.empty() && group.health != "process" && !findings.touched(where)) {
    findings.add(where, "is missing",
                 "write target_groups: [NAME], with the group that takes the requests");
  }
  for (std::size_t i = 0; i < group.target_groups.size(); ++i) {
    const std::string& target = group.target_groups[i];
    const Trail here = where.item(i);
    if (!desired.target_groups.contains(target)) {
      std::vector<std::string> known;
      for (const auto& [other, unused] : desired.target_groups) known.push_back(other);
      findings.add(here, fmt::format("target group '{}' does not exist", shorten(target)),
                   config::did_you_mean(target, known));
    } else if (!seen.insert(target).second) {
      findings.add(here, fmt::format("'{}' is listed twice", target), "remove one");
    } else if (const auto [owner, fresh] = owners.emplace(target, name); !fresh) {
      findings.add(
          here,
          fmt::format("target group '{}' already gets its instances from scaling group '{}'",
                      target, owner->second),
          "give each scaling group a target group of its own, and forward to both");
    }
  }
}

// Whether the kernel might give away a port of the range.
bool is_taken(const syntax::PortRange& ports, const Host& host) {
  const auto& local = host.local_ports;
  std::uint32_t next = std::max(ports.first, local.first);
  const std::uint32_t last = std::min(ports.last, local.last);
  for (const auto& reserved : host.reserved_ports) {
    if (reserved.contains(static_cast<std::uint16_t>(next)))
      next = std::uint32_t{reserved.last} + 1;
  }
  return next <= last;
}

void check_ports(const Desired& desired, const Host& host, const Trail& root, Findings& findings) {
  const auto ports = syntax::split_ports(desired.ports);
  if (!ports || desired.scaling_groups.empty()) return;
  const auto& local = host.local_ports;
  if (is_taken(*ports, host)) {
    findings.add(root.enter("ports"),
                 fmt::format("{} overlaps {}-{}, which the kernel gives to outgoing connections",
                             desired.ports, local.first, local.last),
                 fmt::format("choose a range outside it, or reserve this one: "
                             "sysctl net.ipv4.ip_local_reserved_ports={}",
                             desired.ports));
  }
  std::uint64_t most = 0;
  for (const auto& [name, group] : desired.scaling_groups) {
    most += group.max + (group.warm_pool ? group.warm_pool->min : 0);
  }
  if (most > ports->size()) {
    findings.add(root.enter("ports"),
                 fmt::format("{} holds {} ports, and the scaling groups may start {} instances",
                             desired.ports, ports->size(), most),
                 "widen the range, or lower max of a scaling group");
  }
}

void check_simulation(const Desired& desired, const Trail& where, Findings& findings) {
  const Trail groups = where.enter("groups");
  std::vector<std::string> known;
  for (const auto& [name, unused] : desired.scaling_groups) known.push_back(name);
  for (const auto& [name, unused] : desired.simulation.groups) {
    if (desired.scaling_groups.contains(name)) continue;
    findings.add(groups.enter(name),
                 fmt::format("scaling group '{}' does not exist", shorten(name)),
                 config::did_you_mean(name, known));
  }
}

}  // namespace

void validate_scaling(const Desired& desired, const Host& host, Findings& findings) {
  const Trail root;
  const Trail groups = root.enter("scaling_groups");
  std::map<std::string, std::string> owners;
  for (const auto& [name, group] : desired.scaling_groups) {
    const Trail here = groups.enter(name);
    check_targets(name, group, desired, owners, here.enter("target_groups"), findings);
    check_launch(group.launch, desired, here.enter("launch"), findings);
    check_mix(group, desired, here, findings);
    check_bounds(group, here, findings);
    check_policies(group, desired, here.enter("policies"), findings);
    check_lifecycle(group, desired, host, here, findings);
  }
  check_ports(desired, host, root, findings);
  check_simulation(desired, root.enter("simulation"), findings);
}

}  // namespace weir
