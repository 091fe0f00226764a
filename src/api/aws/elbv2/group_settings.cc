#include "api/aws/elbv2/group_settings.h"

#include <fmt/format.h>

#include <charconv>

#include "api/aws/elbv2/settings.h"
#include "model/desired_syntax.h"

namespace weir::amazon::elbv2 {
namespace {

constexpr std::string_view kGrpcPath = "/AWS.ALB/healthcheck";
constexpr std::string_view kGrpcHealth = "/grpc.health.v1.Health/Check";

bool is_port(const std::string& text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

Reply<void> check_codes(const std::string& codes) {
  std::string_view rest = codes;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(','), rest.size());
    if (syntax::health_code(std::string(rest.substr(0, end)))) {
      return refuse("InvalidConfigurationRequest",
                    fmt::format("Health check matcher HTTP code '{}' must be within '200-599' "
                                "inclusive",
                                codes));
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

// weir asks grpc.health.v1, and takes AWS's default path for it.
Reply<void> check_grpc(const TargetGroup& group) {
  if (group.HealthCheckPath == kGrpcPath || group.HealthCheckPath == kGrpcHealth) return {};
  return refuse("InvalidConfigurationRequest",
                fmt::format("The health check path '{}' is not supported here with the protocol "
                            "version GRPC: {} or {}",
                            *group.HealthCheckPath, kGrpcPath, kGrpcHealth));
}

Reply<void> check_health_check(const TargetGroup& group) {
  if (!*group.HealthCheckEnabled) {
    return refuse(
        "InvalidConfigurationRequest",
        fmt::format("Health check enabled must be true for target groups with target type "
                    "'{}'",
                    *group.TargetType));
  }
  const std::string& protocol = *group.HealthCheckProtocol;
  if (protocol != "HTTP" && protocol != "HTTPS" && (protocol != "TCP" || !is_network(group))) {
    return refuse("InvalidConfigurationRequest",
                  fmt::format("Health check protocol '{}' is not supported for target groups with "
                              "the protocol '{}'",
                              protocol, *group.Protocol));
  }
  if (*group.HealthCheckPort != "traffic-port" && !is_port(*group.HealthCheckPort)) {
    return refuse("ValidationError",
                  fmt::format("Health check port '{}' must be 'traffic-port' or a number between 1 "
                              "and 65535",
                              *group.HealthCheckPort));
  }
  if (*group.HealthCheckTimeoutSeconds >= *group.HealthCheckIntervalSeconds) {
    return refuse("InvalidConfigurationRequest",
                  fmt::format("Health check timeout '{}' must be smaller than the interval '{}'",
                              *group.HealthCheckTimeoutSeconds, *group.HealthCheckIntervalSeconds));
  }
  if (protocol == "TCP") return {};
  if (!group.HealthCheckPath->starts_with('/')) {
    return refuse("ValidationError", "The health check path must begin with '/'");
  }
  if (group.ProtocolVersion == "GRPC") return check_grpc(group);
  return check_codes(group.Matcher->HttpCode.value_or("200"));
}

// Of a group whose protocol and kind of check are known.
void fill_defaults(TargetGroup& group) {
  const bool network = is_network(group);
  const bool by_http = group.HealthCheckProtocol != "TCP";
  if (!group.HealthCheckPort) group.HealthCheckPort = "traffic-port";
  if (!group.HealthCheckEnabled) group.HealthCheckEnabled = true;
  if (!group.HealthCheckIntervalSeconds) group.HealthCheckIntervalSeconds = 30;
  if (!group.HealthCheckTimeoutSeconds) {
    group.HealthCheckTimeoutSeconds = network ? (by_http ? 6 : 10) : 5;
    if (*group.HealthCheckIntervalSeconds <= *group.HealthCheckTimeoutSeconds) {
      group.HealthCheckTimeoutSeconds = *group.HealthCheckIntervalSeconds - 1;
    }
  }
  if (!group.HealthyThresholdCount) group.HealthyThresholdCount = 5;
  if (!group.UnhealthyThresholdCount) group.UnhealthyThresholdCount = 2;
  if (!by_http) {
    group.HealthCheckPath.reset();
    group.Matcher.reset();
    return;
  }
  const bool grpc = group.ProtocolVersion == "GRPC";
  if (!group.HealthCheckPath) group.HealthCheckPath = grpc ? std::string(kGrpcPath) : "/";
  if (!group.Matcher) group.Matcher.emplace();
  if (grpc && !group.Matcher->GrpcCode) group.Matcher->GrpcCode = "12";
  if (!grpc && !group.Matcher->HttpCode) group.Matcher->HttpCode = network ? "200-399" : "200";
}

}  // namespace

Reply<void> set_check(const CheckSettings& wanted, TargetGroup& group) {
  if (wanted.enabled) group.HealthCheckEnabled = wanted.enabled;
  if (wanted.protocol) group.HealthCheckProtocol = wanted.protocol;
  if (wanted.port) group.HealthCheckPort = wanted.port;
  if (wanted.path) group.HealthCheckPath = wanted.path;
  if (wanted.interval) group.HealthCheckIntervalSeconds = wanted.interval;
  if (wanted.timeout) group.HealthCheckTimeoutSeconds = wanted.timeout;
  if (wanted.healthy) group.HealthyThresholdCount = wanted.healthy;
  if (wanted.unhealthy) group.UnhealthyThresholdCount = wanted.unhealthy;
  if (wanted.matcher) group.Matcher = wanted.matcher;
  fill_defaults(group);
  return check_health_check(group);
}

Reply<TargetGroup> group_of_input(const CreateTargetGroupInput& in) {
  if (!good_name(*in.Name)) {
    return refuse(
        "ValidationError",
        fmt::format("Target group name '{}' can have at most 32 characters, only letters, "
                    "digits and hyphens, and must not begin or end with a hyphen",
                    *in.Name));
  }
  TargetGroup group;
  group.TargetGroupName = in.Name;
  group.TargetType = in.TargetType.value_or("instance");
  if (group.TargetType == "lambda" || group.TargetType == "alb") {
    return refuse("ValidationError", fmt::format("Target groups of the type '{}' are not supported "
                                                 "here",
                                                 *group.TargetType));
  }
  if (!in.Protocol) return refuse("ValidationError", "A protocol must be specified");
  if (!in.Port) return refuse("ValidationError", "A port must be specified");
  group.Protocol = in.Protocol;
  const std::string& protocol = *in.Protocol;
  const bool http = protocol == "HTTP" || protocol == "HTTPS";
  if (!http && protocol != "TCP" && protocol != "TLS" && protocol != "UDP") {
    return refuse("ValidationError",
                  fmt::format("The protocol '{}' is not supported here", protocol));
  }
  group.Port = in.Port;
  group.VpcId = in.VpcId;
  if (http) {
    group.ProtocolVersion = in.ProtocolVersion.value_or("HTTP1");
    const std::string& version = *group.ProtocolVersion;
    if (version != "HTTP1" && version != "HTTP2" && version != "GRPC") {
      return refuse(
          "ValidationError",
          fmt::format("Protocol version '{}' must be one of HTTP1, HTTP2, GRPC", version));
    }
  } else if (in.ProtocolVersion) {
    return refuse(
        "ValidationError",
        fmt::format("A protocol version is not supported with the protocol '{}'", protocol));
  }
  group.IpAddressType = in.IpAddressType.value_or("ipv4");
  group.HealthCheckProtocol = http ? "HTTP" : "TCP";
  CheckSettings check;
  check.enabled = in.HealthCheckEnabled;
  check.protocol = in.HealthCheckProtocol;
  check.port = in.HealthCheckPort;
  check.path = in.HealthCheckPath;
  check.interval = in.HealthCheckIntervalSeconds;
  check.timeout = in.HealthCheckTimeoutSeconds;
  check.healthy = in.HealthyThresholdCount;
  check.unhealthy = in.UnhealthyThresholdCount;
  check.matcher = in.Matcher;
  TRY_VOID(set_check(check, group));
  return group;
}

TargetGroup with_users(const TargetGroup& group, const Users& users) {
  TargetGroup out = group;
  out.LoadBalancerArns.give();
  if (const auto found = users.find(*group.TargetGroupArn); found != users.end()) {
    for (const std::string& arn : found->second) out.LoadBalancerArns.push_back(arn);
  }
  return out;
}

}  // namespace weir::amazon::elbv2
