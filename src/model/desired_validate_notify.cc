// Notifications: one target each, secrets that can be read, groups that exist.
#include <fmt/format.h>

#include "config/reader.h"
#include "config/suggest.h"
#include "model/desired_validate.h"

namespace weir {
namespace {

using config::Findings;
using config::shorten;
using config::Trail;

void check_target(const Notification& one, const Trail& where, Findings& findings) {
  if (one.webhook && !one.command.empty()) {
    findings.add(where.enter("command"), "stands beside a webhook",
                 "make two notifications of it: one target each");
  } else if (!one.webhook && one.command.empty()) {
    findings.add(where, "tells nobody",
                 "write webhook: { url: https://... } or command: [program, argument]");
  } else {
    check_program(one.command, where.enter("command"), findings);
  }
}

void check_events(const Notification& one, const Trail& where, Findings& findings) {
  if (one.events.empty()) {
    findings.add(where, "is empty", "write all, none, or kinds: [launch, terminate]");
  }
  for (std::size_t i = 0; i < one.events.size(); ++i) {
    const bool whole = one.events[i] == "all" || one.events[i] == "none";
    if (whole && one.events.size() > 1) {
      findings.add(where.item(i), fmt::format("'{}' stands beside others", one.events[i]),
                   "write it alone, or leave it out");
    }
  }
}

void check_groups(const Names& groups, const Desired& desired, const Trail& where,
                  Findings& findings) {
  std::vector<std::string> known;
  for (const auto& [name, group] : desired.scaling_groups) known.push_back(name);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (desired.scaling_groups.contains(groups[i])) continue;
    findings.add(where.item(i),
                 fmt::format("scaling group '{}' does not exist", shorten(groups[i])),
                 config::did_you_mean(groups[i], known));
  }
}

}  // namespace

void check_program(const Names& command, const Trail& where, Findings& findings) {
  if (!command.empty() && command[0].empty()) {
    findings.add(where.item(0), "is empty", "write the program");
  } else if (command.size() == 1 && command[0].find(' ') != std::string::npos) {
    findings.add(where.item(0), fmt::format("'{}' is one word with spaces", shorten(command[0])),
                 "write each argument as its own item: [program, --flag, value]");
  }
}

void check_webhook(const Webhook& webhook, const Host& host, const Trail& where,
                   Findings& findings) {
  if (!webhook.secret.empty() && !webhook.secret_file.empty()) {
    findings.add(where.enter("secret_file"), "stands beside a secret", "keep one of them");
  }
  if (!host.read_file || webhook.secret_file.empty()) return;
  const auto text = host.read_file(webhook.secret_file);
  if (!text) {
    findings.add(where.enter("secret_file"), text.error().message,
                 "make the file readable for weir");
  } else if (text->find_first_not_of(" \t\r\n") == text->npos) {
    findings.add(where.enter("secret_file"), fmt::format("{} is empty", webhook.secret_file),
                 "write the secret there");
  }
}

void validate_notifications(const Desired& desired, const Host& host, Findings& findings) {
  const Trail root;
  const Trail all = root.enter("notifications");
  for (const auto& [name, one] : desired.notifications) {
    const Trail here = all.enter(name);
    check_target(one, here, findings);
    check_events(one, here.enter("events"), findings);
    check_groups(one.scaling_groups, desired, here.enter("scaling_groups"), findings);
    if (one.webhook) check_webhook(*one.webhook, host, here.enter("webhook"), findings);
  }
}

}  // namespace weir
