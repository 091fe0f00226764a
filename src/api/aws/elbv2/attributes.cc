#include "api/aws/elbv2/attributes.h"

#include <fmt/format.h>

#include <charconv>

#include "api/aws/elbv2/find.h"

namespace weir::amazon::elbv2 {
namespace {

using enum Attribute::Takes;

constexpr Attribute kApplication[] = {
    {"access_logs.s3.enabled", "false"},
    {"access_logs.s3.bucket", ""},
    {"access_logs.s3.prefix", ""},
    {"idle_timeout.timeout_seconds", "60", number, 1, 4000},
    {"deletion_protection.enabled", "false", flag},
    {"routing.http2.enabled", "true", flag},
    {"routing.http.drop_invalid_header_fields.enabled", "false"},
    {"routing.http.xff_client_port.enabled", "false"},
    {"routing.http.preserve_host_header.enabled", "false", flag},  // weir always does
    {"routing.http.xff_header_processing.mode", "append"},
    {"load_balancing.cross_zone.enabled", "true"},
    {"routing.http.desync_mitigation_mode", "defensive", choice, 0, 0, "defensive|strictest"},
    {"client_keep_alive.seconds", "3600"},
    {"routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"},
    {"waf.fail_open.enabled", "false"},
    {"zonal_shift.config.enabled", "false"},
    {"connection_logs.s3.enabled", "false"},
    {"connection_logs.s3.bucket", ""},
    {"connection_logs.s3.prefix", ""},
    {"health_check_logs.s3.enabled", "false"},
    {"health_check_logs.s3.bucket", ""},
    {"health_check_logs.s3.prefix", ""},
    {"ipv6.deny_all_igw_traffic", "false"},
};

constexpr Attribute kNetwork[] = {
    {"access_logs.s3.enabled", "false"},
    {"access_logs.s3.bucket", ""},
    {"access_logs.s3.prefix", ""},
    {"deletion_protection.enabled", "false", flag},
    {"load_balancing.cross_zone.enabled", "false", flag},
    {"ipv6.deny_all_igw_traffic", "false"},
    {"dns_record.client_routing_policy", "any_availability_zone"},
    {"zonal_shift.config.enabled", "false"},
    {"secondary_ips.auto_assigned.per_subnet", "0"},
};

#define OF_ALL_GROUPS                                                                                \
  {"deregistration_delay.timeout_seconds", "300", number, 0, 3600},                                  \
      {"load_balancing.cross_zone.enabled",         "use_load_balancer_configuration", choice, 0, 0, \
       "true|false|use_load_balancer_configuration"},                                                \
      {"target_group_health.dns_failover.minimum_healthy_targets.count", "1"},                       \
      {"target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"},                \
      {"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"},            \
      {"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off",      \
       number, 1, 100}

constexpr Attribute kHttpGroup[] = {
    OF_ALL_GROUPS,
    {"stickiness.enabled", "false", flag},
    {"stickiness.type", "lb_cookie", choice, 0, 0, "lb_cookie|app_cookie"},
    {"stickiness.lb_cookie.duration_seconds", "86400", number, 1, 604800},
    {"stickiness.app_cookie.cookie_name", "", text},
    {"stickiness.app_cookie.duration_seconds", "86400", number, 1, 604800},
    {"load_balancing.algorithm.type", "round_robin", choice, 0, 0,
     "round_robin|least_outstanding_requests|weighted_random"},
    {"load_balancing.algorithm.anomaly_mitigation", "off", choice, 0, 0, "on|off"},
    {"slow_start.duration_seconds", "0", number, 30, 900},
};

constexpr Attribute kStreamGroup[] = {
    OF_ALL_GROUPS,
    {"stickiness.enabled", "false", flag},
    {"stickiness.type", "source_ip", choice, 0, 0, "source_ip"},
    {"deregistration_delay.connection_termination.enabled", "false"},
    // AWS's default is true for instances: here it needs a right that weir seldom has.
    {"preserve_client_ip.enabled", "false", flag},
    {"proxy_protocol_v2.enabled", "false", flag},
    {"target_health_state.unhealthy.connection_termination.enabled", "true"},
    {"target_health_state.unhealthy.draining_interval_seconds", "0"},
};

#define RESPONSE(name) {"routing.http.response." name ".header_value", "", text}
#define REQUEST(name, header) {"routing.http.request." name ".header_name", header}
constexpr Attribute kHttpListener[] = {
    {"routing.http.response.server.enabled", "true"},
    RESPONSE("strict_transport_security"),
    RESPONSE("access_control_allow_origin"),
    RESPONSE("access_control_allow_methods"),
    RESPONSE("access_control_allow_headers"),
    RESPONSE("access_control_allow_credentials"),
    RESPONSE("access_control_expose_headers"),
    RESPONSE("access_control_max_age"),
    RESPONSE("content_security_policy"),
    RESPONSE("x_content_type_options"),
    RESPONSE("x_frame_options"),
    REQUEST("x_amzn_mtls_clientcert_serial_number", "X-Amzn-Mtls-Clientcert-Serial-Number"),
    REQUEST("x_amzn_mtls_clientcert_issuer", "X-Amzn-Mtls-Clientcert-Issuer"),
    REQUEST("x_amzn_mtls_clientcert_subject", "X-Amzn-Mtls-Clientcert-Subject"),
    REQUEST("x_amzn_mtls_clientcert_validity", "X-Amzn-Mtls-Clientcert-Validity"),
    REQUEST("x_amzn_mtls_clientcert_leaf", "X-Amzn-Mtls-Clientcert-Leaf"),
    REQUEST("x_amzn_mtls_clientcert", "X-Amzn-Mtls-Clientcert"),
    REQUEST("x_amzn_tls_version", "X-Amzn-Tls-Version"),
    REQUEST("x_amzn_tls_cipher_suite", "X-Amzn-Tls-Cipher-Suite"),
};

constexpr Attribute kTcpListener[] = {{"tcp.idle_timeout.seconds", "350", number, 60, 6000}};

const Attribute* known_attribute(Attributes known, std::string_view key) {
  for (const Attribute& one : known) {
    if (one.key == key) return &one;
  }
  return nullptr;
}

std::int64_t whole_number(std::string_view text) {
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : -1;
}

bool is_choice(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const auto end = std::min(choices.find('|'), choices.size());
    if (choices.substr(0, end) == value) return true;
    choices.remove_prefix(std::min(end + 1, choices.size()));
  }
  return false;
}

// What may stand there; empty where the value may.
std::string attribute_wants(const Attribute& one, const std::string& value) {
  const std::int64_t n = one.takes == number ? whole_number(value) : 0;
  switch (one.takes) {
    case flag:
      return value == "true" || value == "false" ? "" : "true or false";
    case number:
      if (n >= one.least && n <= one.most) return {};
      return fmt::format("an integer between {} and {}", one.least, one.most);
    case choice:
      return is_choice(one.choices, value) ? "" : fmt::format("one of {}", one.choices);
    default:
      return {};
  }
}

}  // namespace

Attributes attributes_of(const LoadBalancer& balancer) {
  return is_network(balancer) ? Attributes(kNetwork) : Attributes(kApplication);
}

Attributes attributes_of(const TargetGroup& group) {
  return is_network(group) ? Attributes(kStreamGroup) : Attributes(kHttpGroup);
}

Attributes attributes_of(const Listener& listener) {
  if (listener.Protocol == "HTTP" || listener.Protocol == "HTTPS") return kHttpListener;
  return listener.Protocol == "TCP" ? Attributes(kTcpListener) : Attributes();
}

Reply<void> set_attribute(Attributes known, std::string_view what, const std::string& key,
                          const std::string& value, Set& set) {
  const Attribute* one = known_attribute(known, key);
  if (one == nullptr) {
    return refuse("ValidationError",
                  fmt::format("{} attribute key '{}' is not recognized", what, key));
  }
  if (value == one->fallback) {
    set.erase(key);
    return {};
  }
  if (one->takes == fixed) {
    return refuse("ValidationError",
                  fmt::format("{} attribute key '{}' is not supported with another value than '{}'",
                              what, key, one->fallback));
  }
  if (const std::string wanted = attribute_wants(*one, value); !wanted.empty()) {
    return refuse("InvalidConfigurationRequest",
                  fmt::format("{} attribute '{}' must be {}", what, key, wanted));
  }
  set[key] = value;
  return {};
}

std::string attribute(Attributes known, const Set& set, std::string_view key) {
  if (const auto found = set.find(std::string(key)); found != set.end()) return found->second;
  const Attribute* one = known_attribute(known, key);
  return one == nullptr ? "" : std::string(one->fallback);
}

std::int64_t number_of(Attributes known, const Set& set, std::string_view key) {
  return whole_number(attribute(known, set, key));
}

}  // namespace weir::amazon::elbv2
