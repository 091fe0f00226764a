// What rules and listeners do to requests beside their action, and stickiness: headers that are not
// theirs to change, patterns without a replacement, groups that are not there, files of CIDR
// blocks.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/regex.h"
#include "config/reader.h"
#include "config/suggest.h"
#include "model/cidr_file.h"
#include "model/desired_validate.h"
#include "model/request_view.h"

namespace weir {
namespace {

using config::Findings;
using config::shorten;
using config::Trail;

// ---------------------------------------------------------------- access

void check_file(const std::string& path, const Host& host, const Trail& where, Findings& findings) {
  if (path.empty() || !host.read_file) return;
  const auto text = host.read_file(path);
  if (!text) {
    findings.add(where, fmt::format("cannot be read: {}", text.error().message),
                 "name a file that weir may read");
    return;
  }
  const CidrLines lines = read_cidr_lines(*text);
  if (lines.bad.empty()) return;
  // The text itself is not shown: whoever may ask for a plan need not be allowed to read the file.
  const std::size_t more = lines.bad.size() - 1;
  findings.add(where,
               fmt::format("line {} of {} is not a CIDR block{}", lines.bad.front(), shorten(path),
                           more ? fmt::format(", nor are {} more", more) : ""),
               "write one block a line: 10.0.0.0/8 or 2001:db8::/32");
}

void check_access(const Access& access, const Host& host, const Trail& where, Findings& findings) {
  check_file(access.allow_file, host, where.enter("allow_file"), findings);
  check_file(access.deny_file, host, where.enter("deny_file"), findings);
}

// ---------------------------------------------------------------- headers

// What weir must write itself, for the message to be one.
bool is_weirs(std::string_view name, bool request) {
  static constexpr std::array<std::string_view, 8> kFraming = {
      "connection", "content-length", "keep-alive",        "proxy-connection",
      "te",         "trailer",        "transfer-encoding", "upgrade"};
  static constexpr std::array<std::string_view, 3> kForwarded = {"x-forwarded-port",
                                                                 "x-forwarded-proto", "via"};
  const auto is = [name](std::string_view known) { return equal_ignoring_case(name, known); };
  return std::any_of(kFraming.begin(), kFraming.end(), is) ||
         (request && std::any_of(kForwarded.begin(), kForwarded.end(), is));
}

void check_name(const std::string& name, bool request, const Trail& where, Findings& findings) {
  if (auto bad = syntax::header_name(name)) {
    findings.add(where, std::move(bad->what), std::move(bad->remedy));
  } else if (is_weirs(name, request)) {
    findings.add(where, fmt::format("{} is written by weir itself", name), "remove it");
  } else if (request && equal_ignoring_case(name, "host")) {
    findings.add(where, "the Host header is no header to edit", "write rewrite: { host: ... }");
  }
}

void check_edits(const HeaderEdits& edits, bool request, const Trail& where, Findings& findings) {
  const Trail remove = where.enter("remove");
  for (std::size_t i = 0; i < edits.remove.size(); ++i) {
    check_name(edits.remove[i], request, remove.item(i), findings);
  }
  const auto lines = [&](const auto& list, const Trail& below) {
    for (const auto& [name, value] : list) {
      check_name(name, request, below.enter(name), findings);
      for (const auto check : {syntax::header_value, syntax::placeholders}) {
        if (auto bad = check(value)) {
          findings.add(below.enter(name), std::move(bad->what), std::move(bad->remedy));
        }
      }
    }
  };
  lines(edits.set, where.enter("set"));
  lines(edits.add, where.enter("add"));
}

void check_headers(const Headers& headers, const Trail& where, Findings& findings) {
  check_edits(headers.request, true, where.enter("request"), findings);
  check_edits(headers.response, false, where.enter("response"), findings);
}

// ---------------------------------------------------------------- rewrite

// $1 to $9 must be stars of the pattern, or groups of the expression.
void check_captures(const std::string& text, const std::string& pattern, const std::string& regex,
                    const Trail& where, Findings& findings) {
  const auto made = Regex::compile(regex, false);
  const auto stars = made ? static_cast<std::ptrdiff_t>(made->groups())
                          : std::count(pattern.begin(), pattern.end(), '*');
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '$') continue;
    const char c = text[++i];
    if (c < '1' || c > '9' || c - '0' <= stars) continue;
    findings.add(where,
                 fmt::format("${} stands for a {} that there is not", c, made ? "group" : "star"),
                 made ? fmt::format("write an expression with {} groups", c)
                      : fmt::format("write a pattern with {} stars", c));
    return;
  }
}

bool has_no_place_in_a_target(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f;
  });
}

void check_rewrite(const Rewrite& rewrite, const Trail& where, Findings& findings) {
  const auto alone = [&](const std::string& pattern, const std::string& text, std::string_view key,
                         std::string_view partner) {
    if (pattern.empty() || !text.empty()) return;
    findings.add(where.enter(key), fmt::format("has no {} to put in its place", partner),
                 fmt::format("add {}:", partner));
  };
  alone(rewrite.host_pattern, rewrite.host, "host_pattern", "host");
  alone(rewrite.path_pattern, rewrite.path, "path_pattern", "path");
  alone(rewrite.host_regex, rewrite.host, "host_regex", "host");
  alone(rewrite.path_regex, rewrite.path, "path_regex", "path");
  const auto beside = [&](const std::string& one, std::string_view key, const std::string& other,
                          std::string_view other_key) {
    if (one.empty() || other.empty()) return;
    findings.add(where.enter(key), fmt::format("stands beside {}", other_key), "keep one of them");
  };
  beside(rewrite.path_prefix, "path_prefix", rewrite.path_pattern, "path_pattern");
  beside(rewrite.path_prefix, "path_prefix", rewrite.path_regex, "path_regex");
  beside(rewrite.path_pattern, "path_pattern", rewrite.path_regex, "path_regex");
  beside(rewrite.host_pattern, "host_pattern", rewrite.host_regex, "host_regex");
  const bool bad_path = has_no_place_in_a_target(rewrite.path);
  if (bad_path || (rewrite.path_regex.empty() && !rewrite.path.empty() && rewrite.path[0] != '/')) {
    findings.add(where.enter("path"),
                 bad_path ? "has a character that no path has" : "does not start with '/'",
                 bad_path ? "write it percent-encoded" : "write / in front of it");
  }
  if (rewrite.host.find_first_of("/ ") != std::string::npos) {
    findings.add(where.enter("host"), fmt::format("'{}' is not a host", shorten(rewrite.host)),
                 "write a host name, with its port where there is one");
  }
  if (rewrite.query && rewrite.query->starts_with('?')) {
    findings.add(where.enter("query"), "starts with '?'", "leave the '?' out");
  }
  if (rewrite.query && has_no_place_in_a_target(*rewrite.query)) {
    findings.add(where.enter("query"), "has a character that no query has",
                 "write it percent-encoded");
  }
  check_captures(rewrite.host, rewrite.host_pattern, rewrite.host_regex, where.enter("host"),
                 findings);
  check_captures(rewrite.path, rewrite.path_pattern, rewrite.path_regex, where.enter("path"),
                 findings);
}

// ---------------------------------------------------------------- mirror

void check_mirror(const Rule& rule, const Desired& desired, const Trail& where,
                  Findings& findings) {
  if (rule.mirror == Mirror{}) return;
  if (rule.mirror.group.empty()) {
    findings.add(where.enter("group"), "is missing", "write group: NAME");
  } else if (!desired.target_groups.contains(rule.mirror.group)) {
    std::vector<std::string> known;
    for (const auto& [name, group] : desired.target_groups) known.push_back(name);
    findings.add(where.enter("group"),
                 fmt::format("target group '{}' does not exist", shorten(rule.mirror.group)),
                 config::did_you_mean(rule.mirror.group, known));
  }
  if (!std::holds_alternative<Forward>(rule.action)) {
    findings.add(where, "copies what goes to a target group, and this rule forwards to none",
                 "remove it");
  }
}

}  // namespace

void validate_rules(const Desired& desired, const Host& host, Findings& findings) {
  const Trail root;
  const Trail listeners = root.enter("listeners");
  for (const auto& [name, listener] : desired.listeners) {
    const Trail here = listeners.enter(name);
    check_access(listener.access, host, here.enter("access"), findings);
    check_headers(listener.headers, here.enter("headers"), findings);
    const Trail rules = here.enter("rules");
    for (std::size_t i = 0; i < listener.rules.size(); ++i) {
      const Rule& rule = listener.rules[i];
      const Trail place = rules.item(i);
      check_access(rule.access, host, place.enter("access"), findings);
      check_headers(rule.headers, place.enter("headers"), findings);
      check_rewrite(rule.rewrite, place.enter("rewrite"), findings);
      check_mirror(rule, desired, place.enter("mirror"), findings);
      if (!(rule.rewrite == Rewrite{}) && !std::holds_alternative<Forward>(rule.action)) {
        findings.add(place.enter("rewrite"),
                     "changes what goes to a target group, and this rule forwards to none",
                     "remove it, or write forward:");
      }
    }
  }
  const Trail groups = root.enter("target_groups");
  for (const auto& [name, group] : desired.target_groups) {
    const Stickiness& sticky = group.stickiness;
    const Trail here = groups.enter(name);
    const Trail where = here.enter("stickiness");
    if (sticky.type.empty() && !(sticky == Stickiness{})) {
      findings.add(where, "has no type", "write type: lb_cookie");
    }
    if (sticky.type == "app_cookie" && sticky.cookie.empty()) {
      findings.add(where.enter("cookie"), "is missing",
                   "write the name of the application's cookie: cookie: JSESSIONID");
    }
    if (sticky.type == "app_cookie" && sticky.cookie.starts_with("AWSALB")) {
      findings.add(where.enter("cookie"), "is a name that weir's own cookies have",
                   "name the application's cookie");
    }
    if (sticky.type == "source_ip" && !sticky.cookie.empty()) {
      findings.add(where.enter("cookie"), "source_ip needs no cookie", "remove it");
    }
  }
}

}  // namespace weir
