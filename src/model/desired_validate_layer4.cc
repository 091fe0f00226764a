// Listeners of layer 4, whose connections are not read: they can do less, and say so.
#include <fmt/format.h>

#include "config/reader.h"
#include "model/desired_validate.h"

namespace weir {
namespace {

using config::Findings;
using config::Trail;

// Of a connection that is not read, weir knows where it comes from, and of TLS the server's name.
void check_match(const Listener& listener, const Match& match, const Trail& where,
                 Findings& findings) {
  const bool named = listener.protocol == "tls_passthrough" || listener.protocol == "tls";
  const auto unknown = [&](bool given, std::string_view key) {
    if (!given) return;
    findings.add(where.enter(key), fmt::format("a {} listener does not see it", listener.protocol),
                 named ? "match by host (the TLS server name) and source" : "match by source");
  };
  unknown(!named && !match.host.empty(), "host");
  unknown(!named && !match.host_regex.empty(), "host_regex");
  unknown(!match.path.empty(), "path");
  unknown(!match.path_regex.empty(), "path_regex");
  unknown(!match.header.empty(), "header");
  unknown(!match.header_regex.empty(), "header_regex");
  unknown(!match.method.empty(), "method");
  unknown(!match.query.empty(), "query");
  unknown(!match.query_any.empty(), "query_any");
}

class Refusals {
 public:
  Refusals(const Listener& listener, const Trail& where, Findings& findings)
      : listener_(listener), where_(where), findings_(findings) {}
  void add(bool given, std::string_view key, const char* remedy = "remove it") {
    if (!given) return;
    findings_.add(where_.enter(key),
                  fmt::format("a {} listener reads no requests", listener_.protocol), remedy);
  }

 private:
  const Listener& listener_;
  const Trail& where_;
  Findings& findings_;
};

void check_rule(const Listener& listener, const Rule& rule, const Trail& where,
                Findings& findings) {
  check_match(listener, rule.match, where.enter("match"), findings);
  const auto* forward = std::get_if<Forward>(&rule.action);
  if (!forward) {
    findings.add(where, fmt::format("a {} listener can only forward", listener.protocol),
                 "write forward: GROUP");
  }
  Refusals requests(listener, where, findings);
  requests.add(forward && forward->stickiness > Duration(0), "forward",
               "remove its stickiness; an algorithm that hashes the source keeps clients together");
  requests.add(rule.retry != RouteRetry{}, "retry", "write it in the target group");
  requests.add(rule.timeouts != RouteTimeouts{}, "timeouts", "write them in the target group");
  requests.add(!rule.queue_class.empty(), "queue_class");
  requests.add(!rule.rate_limits.empty(), "rate_limits");
  requests.add(rule.access != Access{}, "access", "write it in the listener, or match by source");
  requests.add(rule.headers != Headers{}, "headers");
  requests.add(rule.rewrite != Rewrite{}, "rewrite");
  requests.add(rule.mirror != Mirror{}, "mirror");
}

}  // namespace

void validate_layer4(const Listener& listener, const Trail& where, Findings& findings) {
  const bool udp = listener.protocol == "udp";
  for (std::size_t i = 0; udp && i < listener.bind.size(); ++i) {
    if (!listener.bind[i].starts_with("unix:")) continue;
    findings.add(where.enter("bind").item(i), "datagrams are not taken from a Unix socket",
                 "bind an address and port");
  }
  if (udp && listener.proxy_protocol) {
    findings.add(where.enter("proxy_protocol"), "datagrams have no beginning to read it from",
                 "remove it");
  }
  Refusals requests(listener, where, findings);
  requests.add(!listener.rate_limits.empty(), "rate_limits");
  requests.add(listener.headers != Headers{}, "headers");
  requests.add(listener.keep_half_closed, "keep_half_closed",
               "remove it: a side that has ended leaves the other open anyway");
  const Trail rules = where.enter("rules");
  for (std::size_t i = 0; i < listener.rules.size(); ++i) {
    check_rule(listener, listener.rules[i], rules.item(i), findings);
  }
  // Without a default, what no rule takes is closed.
  if (std::holds_alternative<Forward>(listener.default_action)) return;
  const Trail action = where.enter("default");
  if (!(listener.default_action == Listener{}.default_action)) {
    findings.add(action, fmt::format("a {} listener can only forward", listener.protocol),
                 "write default: { forward: GROUP }, or remove it: what no rule takes is closed");
  } else if (listener.rules.empty()) {
    findings.add(where,
                 fmt::format("a {} listener without rules needs a default", listener.protocol),
                 "write default: { forward: GROUP }");
  }
}

}  // namespace weir
