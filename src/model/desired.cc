#include "model/desired.h"

namespace weir {

bool is_layer4(const Listener& listener) { return group_protocol(listener) != "http"; }

std::string_view group_protocol(const Listener& listener) {
  if (listener.protocol == "udp") return "udp";
  const bool bytes = listener.protocol == "tcp" || listener.protocol == "tls" ||
                     listener.protocol == "tls_passthrough";
  return bytes ? "tcp" : "http";
}

std::string_view kind_of(const Policy& policy) {
  if (policy.target_tracking) return "target_tracking";
  if (policy.step) return "step";
  if (policy.simple) return "simple";
  if (policy.slo) return "slo";
  if (policy.predictive) return "predictive";
  if (policy.scheduled) return "scheduled";
  return "";
}

bool is_secure(const Listener& listener) {
  return listener.protocol == "https" || listener.protocol == "tls";
}

bool is_secure(const TargetGroup& group) {
  return group.protocol == "https" || group.protocol == "tls";
}

std::string_view check_protocol(const TargetGroup& group) {
  if (group.health_check.protocol != "auto") return group.health_check.protocol;
  return group.protocol == "http" || group.protocol == "https" ? "http" : "tcp";
}

}  // namespace weir
