#include "api/aws/elbv2/health.h"

#include <fmt/format.h>

namespace weir::amazon::elbv2 {
namespace {

TargetHealth in_state(const char* state, const char* reason, std::string description) {
  return {.State = state, .Reason = reason, .Description = std::move(description)};
}

// What the last check said: "timed out", "503 Service Unavailable", "refused".
TargetHealth unhealthy(const std::string& said) {
  if (said.starts_with("timed out")) {
    return in_state("unhealthy", "Target.Timeout", "Request timed out");
  }
  const bool code = said.size() >= 3 && said.find_first_not_of("0123456789") >= 3;
  if (code && (said.size() == 3 || said[3] == ' ')) {
    return in_state("unhealthy", "Target.ResponseCodeMismatch",
                    fmt::format("Health checks failed with these codes: [{}]", said.substr(0, 3)));
  }
  return in_state(
      "unhealthy", "Target.FailedHealthChecks",
      said.empty() ? "Health checks failed" : fmt::format("Health checks failed: {}", said));
}

}  // namespace

TargetHealth draining_health() {
  return in_state("draining", "Target.DeregistrationInProgress",
                  "Target deregistration is in progress");
}

TargetHealth unused_health(bool registered) {
  return registered ? in_state("unused", "Target.NotInUse",
                               "Target group is not configured to receive traffic from the load "
                               "balancer")
                    : in_state("unused", "Target.NotRegistered",
                               "Target is not registered to the target group");
}

TargetHealth health_of(const control::EndpointStatus& endpoint) {
  if (endpoint.state == "draining") return draining_health();
  if (endpoint.state == "unhealthy") return unhealthy(endpoint.reason);
  if (endpoint.state == "starting") {
    return in_state("initial", "Elb.InitialHealthChecking", "Initial health checks in progress");
  }
  TargetHealth healthy;
  healthy.State = "healthy";
  return healthy;
}

}  // namespace weir::amazon::elbv2
