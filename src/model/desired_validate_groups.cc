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

void check_health(const HealthCheck& check, bool grpc, const Trail& where, Findings& findings) {
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
  if (check.protocol != "tcp") return;
  if (check.path != defaults.path) {
    findings.add(where.enter("path"), "a tcp check has no path",
                 "remove it, or write protocol: http");
  }
  if (check.codes != defaults.codes) {
    findings.add(where.enter("codes"), "a tcp check has no status codes",
                 "remove them, or write protocol: http");
  }
}

}  // namespace

void validate_target_groups(const Desired& desired, Findings& findings) {
  const Trail root;
  const Trail groups = root.enter("target_groups");
  for (const auto& [name, group] : desired.target_groups) {
    const Trail here = groups.enter(name);
    check_endpoints(group, here.enter("endpoints"), findings);
    const std::string& check = group.health_check.protocol;
    const bool grpc = check == "grpc" || (check == "http" && group.protocol_version == "GRPC");
    check_health(group.health_check, grpc, here.enter("health_check"), findings);
    const Trail outlier = here.enter("outlier");
    if (group.outlier.base_ejection > group.outlier.max_ejection) {
      findings.add(outlier.enter("base_ejection"),
                   fmt::format("base_ejection {} is above max_ejection {}",
                               to_string(group.outlier.base_ejection),
                               to_string(group.outlier.max_ejection)),
                   "raise max_ejection too");
    }
    const Trail retry = here.enter("retry");
    if (group.retry.backoff > group.retry.backoff_max) {
      findings.add(retry.enter("backoff"),
                   fmt::format("backoff {} is above backoff_max {}", to_string(group.retry.backoff),
                               to_string(group.retry.backoff_max)),
                   "raise backoff_max too");
    }
  }
}

}  // namespace weir
