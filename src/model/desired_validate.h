// desired_validate: is a Desired fit to run? All mistakes at once, by path.
//
// Pure: what depends on the machine comes in as a Host. Runs the checks of the tables, then what
// no single key can know: references, duplicates, sums.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/mistake.h"
#include "model/desired.h"
#include "model/desired_syntax.h"

namespace weir {

struct Host {
  // The ports that the kernel gives to outgoing connections.
  syntax::PortRange local_ports{32768, 60999};
  // What it leaves out of them (net.ipv4.ip_local_reserved_ports), in order.
  std::vector<syntax::PortRange> reserved_ports;
  // Files that a config names; null: they are not looked at.
  std::function<Result<std::string>(const std::string& path)> read_file{};
  // Looks at what the configuration names outside itself, such as certificate files; null: nothing
  // does. Asked last, and not where something was found before.
  std::function<void(const Desired&, config::Findings&)> inspect{};
};
// Reads /proc; the defaults above where there is none.
Host this_host();

void validate(const Desired& desired, const Host& host, config::Findings& findings);

// Parts of validate(), a file each.
void validate_listeners(const Desired& desired, config::Findings& findings);
// A listener whose connections are not read as HTTP.
void validate_layer4(const Listener& listener, const config::Trail& where,
                     config::Findings& findings);
void validate_rules(const Desired& desired, const Host& host, config::Findings& findings);
void validate_tls(const Desired& desired, config::Findings& findings);
void validate_target_groups(const Desired& desired, config::Findings& findings);
void validate_overload(const TargetGroup& group, const config::Trail& where,
                       config::Findings& findings);
void validate_route(const Rule& rule, const Desired& desired, const config::Trail& where,
                    config::Findings& findings);
void check_schedule(const Scheduled& scheduled, const ScalingGroup& group,
                    const config::Trail& where, config::Findings& findings);
void check_policies(const ScalingGroup& group, const Desired& desired, const config::Trail& where,
                    config::Findings& findings);
void check_launch(const Launch& launch, const Desired& desired, const config::Trail& where,
                  config::Findings& findings);
void check_mix(const ScalingGroup& group, const Desired& desired, const config::Trail& where,
               config::Findings& findings);
void check_refresh(const RefreshOptions& options, const config::Trail& where,
                   config::Findings& findings);
void check_lifecycle(const ScalingGroup& group, const Desired& desired, const Host& host,
                     const config::Trail& where, config::Findings& findings);
void validate_scaling(const Desired& desired, const Host& host, config::Findings& findings);
// A program and its arguments, where there are any.
void check_program(const Names& command, const config::Trail& where, config::Findings& findings);
void check_webhook(const Webhook& webhook, const Host& host, const config::Trail& where,
                   config::Findings& findings);
// An alarm's own options; whether there is its metric is not asked.
void check_alarm(const Alarm& alarm, const config::Trail& where, config::Findings& findings);
// Whether there is such a metric: one of `words`, a name of metrics, or one with a dimension.
void check_metric(const std::string& metric, const std::vector<std::string>& words,
                  const Desired& desired, const config::Trail& where, config::Findings& findings);
void validate_metrics(const Desired& desired, config::Findings& findings);
void validate_alarms(const Desired& desired, config::Findings& findings);
void validate_notifications(const Desired& desired, const Host& host, config::Findings& findings);

}  // namespace weir
