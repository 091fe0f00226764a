// Listeners and rules: addresses taken twice, rules that cannot be reached, groups that are not
// there.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "config/reader.h"
#include "config/suggest.h"
#include "model/desired_validate.h"

namespace weir {
namespace {

using config::Findings;
using config::shorten;
using config::Trail;

std::string place_of_rule(std::size_t index, const Rule& rule) {
  return rule.name.empty() ? fmt::format("rules[{}]", index)
                           : fmt::format("rules[{}] ('{}')", index, rule.name);
}

// ---------------------------------------------------------------- addresses

struct Taken {
  syntax::Address address;
  std::string by;
};

void check_bind(const std::string& bind, const std::string& by, const Trail& where,
                std::vector<Taken>& taken, Findings& findings) {
  auto address = syntax::split_address(bind);
  if (!address) return;
  for (const Taken& other : taken) {
    if (!syntax::overlap(*address, other.address)) continue;
    const bool same = *address == other.address;
    findings.add(
        where,
        fmt::format("'{}' is {} by {}", bind, same ? "already taken" : "also covered", other.by),
        "choose another port");
    return;
  }
  taken.push_back({std::move(*address), by});
}

void check_binds(const Desired& desired, const Trail& listeners, Findings& findings) {
  const Trail root;
  const Trail admin = root.enter("admin");
  std::vector<Taken> taken;
  std::vector<Taken> taken_by_datagrams;  // whose ports are others
  check_bind(desired.admin.bind, "admin.bind", admin.enter("bind"), taken, findings);
  if (!desired.admin.socket.empty()) {
    check_bind("unix:" + desired.admin.socket, "admin.socket", admin.enter("socket"), taken,
               findings);
  }
  const auto ports = syntax::split_ports(desired.ports);
  for (const auto& [name, listener] : desired.listeners) {
    const Trail here = listeners.enter(name);
    const Trail binds = here.enter("bind");
    for (std::size_t i = 0; i < listener.bind.size(); ++i) {
      check_bind(listener.bind[i], fmt::format("listeners.{}.bind", name), binds.item(i),
                 listener.protocol == "udp" ? taken_by_datagrams : taken, findings);
      const auto address = syntax::split_address(listener.bind[i]);
      if (address && ports && ports->contains(address->port)) {
        findings.add(binds.item(i),
                     fmt::format("port {} is in the range {} that instances take theirs from",
                                 address->port, desired.ports),
                     "choose a port outside it, or change ports:");
      }
    }
  }
}

// ---------------------------------------------------------------- actions

void check_forward(const Forward& forward, const Desired& desired, std::string_view protocol,
                   const Trail& where, Findings& findings) {
  std::vector<std::string> known;
  for (const auto& share : forward.groups) {
    if (const auto group = desired.target_groups.find(share.group);
        group != desired.target_groups.end()) {
      const std::string& spoken = group->second.protocol;
      if (spoken == protocol || (spoken == "https" && protocol == "http") ||
          (spoken == "tls" && protocol == "tcp")) {
        continue;
      }
      findings.add(forward.groups.size() == 1 ? where : where.enter(share.group),
                   fmt::format("target group '{}' takes {}, and this listener sends {}",
                               shorten(share.group), group->second.protocol, protocol),
                   fmt::format("set target_groups.{}.protocol: {}, or forward to another group",
                               shorten(share.group), protocol));
      continue;
    }
    if (known.empty()) {
      for (const auto& [name, group] : desired.target_groups) known.push_back(name);
    }
    const bool alone = forward.groups.size() == 1;
    const Trail place = forward.stickiness > 0s ? where.enter("groups") : where;
    findings.add(alone ? where : place.enter(share.group),
                 fmt::format("target group '{}' does not exist", shorten(share.group)),
                 config::did_you_mean(share.group, known));
  }
}

void check_redirect(const Redirect& redirect, const Trail& where, Findings& findings) {
  const auto own = [](std::string_view text, std::string_view placeholder) {
    return text.empty() || text == placeholder;
  };
  const bool changes = !own(redirect.protocol, "#{protocol}") || !own(redirect.host, "#{host}") ||
                       redirect.port.value_or(0) != 0 || !own(redirect.path, "/#{path}") ||
                       (redirect.query && *redirect.query != "#{query}");
  if (!changes && !findings.touched(where)) {
    findings.add(where, "redirects to the place it came from",
                 "give it a protocol, host, port, path or query");
  }
  if (redirect.host.find_first_of("/: ") != std::string::npos) {
    findings.add(where.enter("host"), fmt::format("'{}' is not a host", shorten(redirect.host)),
                 "write protocol, host, port and path under their own keys");
  }
  if (redirect.query && redirect.query->starts_with('?')) {
    findings.add(where.enter("query"), "starts with '?'", "leave the '?' out");
  }
}

void check_respond(const Respond& respond, const Trail& where, Findings& findings) {
  const bool bodiless = respond.status == 204 || respond.status == 205 || respond.status == 304;
  if (bodiless && !respond.body.empty()) {
    findings.add(where.enter("body"), fmt::format("a {} response has no body", respond.status),
                 "remove the body, or choose another status");
  }
  if (respond.body.size() > 1024 * 1024) {
    findings.add(where.enter("body"), "is larger than 1 MiB", "serve it from a target group");
  }
}

void check_action(const Action& action, const Desired& desired, std::string_view protocol,
                  const Trail& where, Findings& findings) {
  if (const auto* forward = std::get_if<Forward>(&action)) {
    check_forward(*forward, desired, protocol, where.enter("forward"), findings);
  } else if (const auto* redirect = std::get_if<Redirect>(&action)) {
    check_redirect(*redirect, where.enter("redirect"), findings);
  } else if (const auto* respond = std::get_if<Respond>(&action)) {
    check_respond(*respond, where.enter("respond"), findings);
  }
}

// ---------------------------------------------------------------- conditions

using NamedPatterns = std::vector<std::pair<std::string, Names>>;

void check_patterns(const NamedPatterns& patterns, bool headers, const Trail& where,
                    Findings& findings) {
  for (const auto& [name, values] : patterns) {
    if (headers) {
      if (auto bad = syntax::header_name(name)) {
        findings.add(where.enter(name), std::move(bad->what), std::move(bad->remedy));
      }
    }
    if (values.empty()) {
      findings.add(where.enter(name), "has no value", "write patterns; '*' takes any value");
    }
  }
}

void check_expressions(const NamedPatterns& expressions, const Trail& where, Findings& findings) {
  for (const auto& [name, values] : expressions) {
    for (const std::string& value : values) {
      if (auto bad = syntax::regex(value)) {
        findings.add(where.enter(name), std::move(bad->what), std::move(bad->remedy));
      }
    }
  }
}

void check_match(const Match& match, const Trail& where, Findings& findings) {
  if (match == Match{}) {
    if (findings.touched(where)) return;
    findings.add(where, "has no condition, so that no rule behind it is reached",
                 "give it one, or move its action to default:");
    return;
  }
  check_patterns(match.header, true, where.enter("header"), findings);
  check_patterns(match.header_regex, true, where.enter("header_regex"), findings);
  check_expressions(match.header_regex, where.enter("header_regex"), findings);
  check_patterns(match.query, false, where.enter("query"), findings);
  check_patterns(match.query_any, false, where.enter("query_any"), findings);
  const auto no_empty = [&](const Names& patterns, std::string_view key) {
    const Trail list = where.enter(key);
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      if (patterns[i].empty())
        findings.add(list.item(i), "is empty", "write a pattern, or remove it");
    }
  };
  no_empty(match.host, "host");
  no_empty(match.path, "path");
  no_empty(match.method, "method");
  no_empty(match.source, "source");
  no_empty(match.host_regex, "host_regex");
  no_empty(match.path_regex, "path_regex");
}

// ---------------------------------------------------------------- rules

// One text for equal conditions.
std::string text_of(const Match& match) {
  std::string text;
  const auto list = [&text](std::string_view key, const Names& values) {
    if (values.empty()) return;
    Names sorted = values;
    std::sort(sorted.begin(), sorted.end());
    text += key;
    for (const std::string& value : sorted) text += '\1' + value;
    text += '\2';
  };
  list("host", match.host);
  list("path", match.path);
  for (const auto& [name, values] : match.header) list("header" + name, values);
  list("method", match.method);
  for (const auto& [name, values] : match.query) list("query" + name, values);
  for (const auto& [name, values] : match.query_any) list("any query" + name, values);
  list("source", match.source);
  list("host_regex", match.host_regex);
  list("path_regex", match.path_regex);
  for (const auto& [name, values] : match.header_regex) list("header_regex" + name, values);
  return text;
}

void check_order(const std::vector<Rule>& rules, const Trail& where, Findings& findings) {
  std::map<std::int32_t, std::size_t> priorities;
  std::map<std::string, std::size_t> names;
  std::unordered_map<std::string, std::size_t> conditions;
  const bool some =
      std::any_of(rules.begin(), rules.end(), [](const Rule& r) { return !!r.priority; });
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    const Trail here = where.item(i);
    if (rule.priority) {
      const auto [other, fresh] = priorities.emplace(*rule.priority, i);
      if (!fresh) {
        findings.add(here.enter("priority"),
                     fmt::format("priority {} is that of {} too", *rule.priority,
                                 place_of_rule(other->second, rules[other->second])),
                     "give each rule its own");
      }
    } else if (some) {
      findings.add(here, "has no priority, and other rules of this listener have one",
                   "give all rules a priority, or none");
    }
    if (!rule.name.empty() && !names.emplace(rule.name, i).second) {
      findings.add(here.enter("name"),
                   fmt::format("'{}' is the name of {} too", rule.name,
                               fmt::format("rules[{}]", names[rule.name])),
                   "give each rule its own");
    }
    if (rule.match == Match{}) continue;
    const auto [other, fresh] = conditions.emplace(text_of(rule.match), i);
    if (!fresh) {
      findings.add(here.enter("match"),
                   fmt::format("has the conditions of {}: one of them is never reached",
                               place_of_rule(other->second, rules[other->second])),
                   "remove one, or change its conditions");
    }
  }
}

}  // namespace

void validate_listeners(const Desired& desired, Findings& findings) {
  const Trail root;
  const Trail listeners = root.enter("listeners");
  check_binds(desired, listeners, findings);
  for (const auto& [name, listener] : desired.listeners) {
    const Trail here = listeners.enter(name);
    const Trail rules = here.enter("rules");
    for (std::size_t i = 0; i < listener.rules.size(); ++i) {
      const Trail rule = rules.item(i);
      check_match(listener.rules[i].match, rule.enter("match"), findings);
      check_action(listener.rules[i].action, desired, group_protocol(listener), rule, findings);
      validate_route(listener.rules[i], desired, rule, findings);
    }
    check_order(listener.rules, rules, findings);
    check_action(listener.default_action, desired, group_protocol(listener), here.enter("default"),
                 findings);
    if (is_layer4(listener)) validate_layer4(listener, here, findings);
  }
}

}  // namespace weir
