// Target groups: endpoints listed twice, times that contradict each other.
#include <fmt/format.h>

#include <set>

#include "model/desired_validate.h"

namespace weir {
namespace {

using config::Findings;
using config::Trail;

void check_endpoints(const TargetGroup& group, const Trail& where, Findings& findings) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < group.endpoints.size(); ++i) {
    const std::string& address = group.endpoints[i].address;
    if (address.empty()) continue;
    const auto split = syntax::split_address(address);
    const Trail here = where.item(i);
    if (split && split->path.empty() && split->port == 0) {
      findings.add(here, fmt::format("'{}' has port 0, which nobody answers", address),
                   "write a port from 1 to 65535");
    }
    if (split && (split->host == "0.0.0.0" || split->host == "::")) {
      findings.add(here, fmt::format("'{}' is an address to bind, not to connect to", address),
                   fmt::format("write 127.0.0.1:{} or the address of its machine", split->port));
    }
    if (!seen.insert(address).second) {
      findings.add(here, fmt::format("endpoint {} is listed twice", address),
                   "remove one, or give it a weight");
    }
  }
}

void check_health(const TargetGroup& group, const Trail& where, Findings& findings) {
  const HealthCheck& check = group.health_check;
  const std::string_view protocol = check_protocol(group);
  const bool grpc = protocol == "grpc" || (protocol == "http" && group.protocol_version == "GRPC");
  if (check.timeout > check.interval) {
    findings.add(where.enter("timeout"),
                 fmt::format("timeout {} is above interval {}", to_string(check.timeout),
                             to_string(check.interval)),
                 "choose one at most as long as the interval");
  }
  const HealthCheck defaults;
  if (grpc && check.codes != defaults.codes) {
    findings.add(where.enter("codes"), "a grpc check looks at grpc-status",
                 "write grpc_codes, or protocol: http2");
  }
  if (!grpc && (check.service != defaults.service || check.grpc_codes != defaults.grpc_codes)) {
    const char* const key = check.service != defaults.service ? "service" : "grpc_codes";
    findings.add(where.enter(key), fmt::format("only a grpc check has {}", key),
                 "remove it, or write protocol: grpc");
  }
  if (protocol != "tcp") return;
  if (check.path != defaults.path) {
    findings.add(where.enter("path"), "a tcp check has no path",
                 "remove it, or write protocol: http");
  }
  if (check.codes != defaults.codes) {
    findings.add(where.enter("codes"), "a tcp check has no status codes",
                 "remove them, or write protocol: http");
  }
}

void check_layer4(const TargetGroup& group, const Trail& where, Findings& findings) {
  if (group.protocol == "udp" && group.proxy_protocol != "off") {
    findings.add(where.enter("proxy_protocol"), "datagrams have no beginning to put it at",
                 "remove it");
  }
  if (group.exclusive_connections() && group.protocol_version != "HTTP1") {
    findings.add(where.enter(group.preserve_client_ip ? "preserve_client_ip" : "proxy_protocol"),
                 "a connection of HTTP/2 serves many clients",
                 "remove it, or write protocol_version: HTTP1");
  }
  if (!group.preserve_client_ip) return;
  for (std::size_t i = 0; i < group.endpoints.size(); ++i) {
    if (!group.endpoints[i].address.starts_with("unix:")) continue;
    findings.add(where.enter("endpoints").item(i), "a Unix socket knows no client address",
                 "remove preserve_client_ip, or give the endpoint an address and port");
  }
}

}  // namespace

void validate_target_groups(const Desired& desired, Findings& findings) {
  const Trail root;
  const Trail groups = root.enter("target_groups");
  if (desired.zone.empty() && desired.cross_zone != "on") {
    findings.add(root.enter("cross_zone"),
                 fmt::format("cross_zone: {} needs to know where this weir is", desired.cross_zone),
                 "write zone: NAME beside it");
  }
  for (const auto& [name, group] : desired.target_groups) {
    const Trail here = groups.enter(name);
    check_endpoints(group, here.enter("endpoints"), findings);
    check_health(group, here.enter("health_check"), findings);
    check_layer4(group, here, findings);
    const Trail outlier = here.enter("outlier");
    if (group.outlier.base_ejection > group.outlier.max_ejection) {
      findings.add(outlier.enter("base_ejection"),
                   fmt::format("base_ejection {} is above max_ejection {}",
                               to_string(group.outlier.base_ejection),
                               to_string(group.outlier.max_ejection)),
                   "raise max_ejection too");
    }
    if (const std::string& cross = group.cross_zone;
        desired.zone.empty() && (cross == "off" || cross == "spill")) {
      findings.add(here.enter("cross_zone"),
                   fmt::format("cross_zone: {} needs to know where this weir is", cross),
                   "write zone: NAME at the top of the file");
    }
    const Trail retry = here.enter("retry");
    if (group.retry.backoff > group.retry.backoff_max) {
      findings.add(retry.enter("backoff"),
                   fmt::format("backoff {} is above backoff_max {}", to_string(group.retry.backoff),
                               to_string(group.retry.backoff_max)),
                   "raise backoff_max too");
    }
    validate_overload(group, here, findings);
  }
}

}  // namespace weir
