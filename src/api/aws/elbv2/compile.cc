// What load balancers are within weir: a listener each, named NAME-PORT; target groups with their
// targets as endpoints.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "api/aws/certificates/files.h"
#include "api/aws/elbv2/actions.h"
#include "api/aws/elbv2/attributes.h"
#include "api/aws/elbv2/conditions.h"
#include "api/aws/elbv2/find.h"
#include "api/aws/elbv2/names.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {
namespace {

std::string small(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

constexpr const char* kCrossZone = "load_balancing.cross_zone.enabled";

Duration whole_seconds(std::int64_t n) { return std::chrono::seconds(n); }

// The parts between commas.
Names parts_of_list(std::string_view text) {
  Names parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// ---------------------------------------------------------------- target groups

HealthCheck check_of(const TargetGroup& group) {
  HealthCheck check;
  check.interval = whole_seconds(*group.HealthCheckIntervalSeconds);
  check.timeout = whole_seconds(*group.HealthCheckTimeoutSeconds);
  check.healthy = static_cast<std::uint32_t>(*group.HealthyThresholdCount);
  check.unhealthy = static_cast<std::uint32_t>(*group.UnhealthyThresholdCount);
  check.protocol = small(*group.HealthCheckProtocol);
  if (const std::string& port = *group.HealthCheckPort; port != "traffic-port") {
    std::uint16_t number = 0;
    std::from_chars(port.data(), port.data() + port.size(), number);
    check.port = number;
  }
  if (check.protocol == "tcp") return check;
  const Matcher matcher = group.Matcher.value_or(aws::elbv2::Matcher());
  if (group.ProtocolVersion == "GRPC") {
    check.protocol = "grpc";
    check.grpc_codes = parts_of_list(matcher.GrpcCode.value_or("12"));
    return check;
  }
  check.path = group.HealthCheckPath.value_or("/");
  check.codes = parts_of_list(matcher.HttpCode.value_or("200"));
  return check;
}

Stickiness stickiness_of(Attributes known, const Set& set) {
  Stickiness sticky;
  if (!is_on(known, set, "stickiness.enabled")) return sticky;
  sticky.type = attribute(known, set, "stickiness.type");
  if (sticky.type == "lb_cookie") {
    sticky.duration = whole_seconds(number_of(known, set, "stickiness.lb_cookie.duration_seconds"));
  }
  if (sticky.type == "app_cookie") {
    sticky.duration =
        whole_seconds(number_of(known, set, "stickiness.app_cookie.duration_seconds"));
    sticky.cookie = attribute(known, set, "stickiness.app_cookie.cookie_name");
  }
  return sticky;
}

std::string algorithm_named(const std::string& type) {
  if (type == "least_outstanding_requests") return "least_request";
  if (type == "weighted_random") return "random";
  return "round_robin";
}

// weir is in one zone, where it is told so; else all of them are alike.
std::string cross_zone_of(const Compiling& what, const std::string& wanted, bool by_default) {
  if (what.world.control().desired().zone.empty()) return "default";
  const bool on = wanted == "use_load_balancer_configuration" ? by_default : wanted == "true";
  return on ? "on" : "off";
}

void apply_group_attributes(const Compiling& what, const Kept<TargetGroup>& kept,
                            weir::TargetGroup& group) {
  const Attributes known = attributes_of(kept.value);
  const Set& set = kept.attributes;
  group.deregistration_delay =
      whole_seconds(number_of(known, set, "deregistration_delay.timeout_seconds"));
  group.stickiness = stickiness_of(known, set);
  group.cross_zone =
      cross_zone_of(what, attribute(known, set, kCrossZone), !is_network(kept.value));
  const std::string least = attribute(
      known, set, "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage");
  int percent = 0;
  std::from_chars(least.data(), least.data() + least.size(), percent);
  group.panic_threshold = percent / 100.0;
  if (is_network(kept.value)) {
    group.algorithm.name = "round_robin";
    group.preserve_client_ip = is_on(known, set, "preserve_client_ip.enabled");
    if (is_on(known, set, "proxy_protocol_v2.enabled")) group.proxy_protocol = "v2";
    group.outlier.enabled = false;
    return;
  }
  group.algorithm.name = algorithm_named(attribute(known, set, "load_balancing.algorithm.type"));
  group.slow_start = whole_seconds(number_of(known, set, "slow_start.duration_seconds"));
  group.outlier.enabled =
      attribute(known, set, "load_balancing.algorithm.anomaly_mitigation") == "on";
}

std::string endpoint_text(const std::string& ip, std::int64_t port) {
  return ip.find(':') == ip.npos ? fmt::format("{}:{}", ip, port)
                                 : fmt::format("[{}]:{}", ip, port);
}

weir::TargetGroup group_of(const Compiling& what, const ElbBook& book, const std::string& arn,
                           const Kept<TargetGroup>& kept) {
  weir::TargetGroup group;
  group.protocol = small(*kept.value.Protocol);
  group.protocol_version = kept.value.ProtocolVersion.value_or("HTTP1");
  const bool secure = group.protocol == "https" || group.protocol == "tls" ||
                      kept.value.HealthCheckProtocol == "HTTPS";
  if (secure) group.tls.verify = false;
  group.health_check = check_of(kept.value);
  apply_group_attributes(what, kept, group);
  each_below(book.targets, target_prefix(arn),
             [&](const std::string&, const Kept<TargetDescription>& target) {
               group.endpoints.push_back({target_address(target), 1, zone_of_target(target)});
             });
  return group;
}

// What a load balancer's attributes say of the groups that an action forwards to: the idle timeout
// counts towards the targets as well; crossing zones is the load balancer's where the group leaves
// it to it.
void apply_balancer(const Compiling& what, const ElbBook& book, const Kept<LoadBalancer>& balancer,
                    const ListOf<Action>& actions) {
  const Attributes known = attributes_of(balancer.value);
  std::set<std::string> groups;
  add_groups(actions, groups);
  for (const std::string& arn : groups) {
    const auto found =
        what.out.desired.target_groups.find(group_name(what.world, what.tenant, book, arn));
    if (found == what.out.desired.target_groups.end()) continue;
    weir::TargetGroup& group = found->second;
    if (!is_network(balancer.value)) {
      const Duration idle =
          whole_seconds(number_of(known, balancer.attributes, "idle_timeout.timeout_seconds"));
      group.timeouts.response = idle;
      group.timeouts.idle = idle;
    } else if (group.cross_zone == "off" &&
               !book.target_groups.find(arn)->attributes.contains(kCrossZone) &&
               is_on(known, balancer.attributes, kCrossZone)) {
      group.cross_zone = "on";
    }
  }
}

// ---------------------------------------------------------------- listeners

std::vector<weir::Rule> rules_of(const Compiling& what, const ElbBook& book,
                                 const std::string& listener) {
  std::vector<weir::Rule> rules;
  each_below(book.rules, rule_prefix(listener), [&](const std::string&, const Kept<Rule>& kept) {
    weir::Rule rule;
    rule.priority = priority_of(kept.value);
    rule.match = match_of(kept.value.Conditions);
    rule.action = action_of(what, book, kept.value.Actions);
    rule.rewrite = rewrite_of(kept.value.Transforms);
    rules.push_back(std::move(rule));
  });
  std::ranges::sort(rules, {}, &weir::Rule::priority);
  // AWS takes rules that are never reached; weir has no use for them.
  std::unordered_set<std::string> seen;
  std::erase_if(rules,
                [&](const weir::Rule& rule) { return !seen.insert(text_of(rule.match)).second; });
  return rules;
}

std::vector<std::string> alpn_of(const Listener& listener, bool http2) {
  const std::string policy = listener.AlpnPolicy.empty() ? "None" : listener.AlpnPolicy.front();
  if (policy == "HTTP2Only") return {"h2"};
  if (policy == "HTTP2Preferred") return {"h2", "http/1.1"};
  if (policy == "HTTP2Optional") return {"http/1.1", "h2"};
  if (listener.Protocol == "HTTPS" && http2) return {"h2", "http/1.1"};
  return {"http/1.1"};
}

ListenerTls tls_of(const Compiling& what, const ElbBook& book, const std::string& arn,
                   const Listener& listener, bool http2) {
  const Desired& desired = what.world.control().desired();
  ListenerTls tls;
  tls.policy = listener.SslPolicy.value_or(std::string(kDefaultPolicy));
  tls.alpn = alpn_of(listener, http2);
  for (const Certificate& one : listener.Certificates) {
    tls.certificates.push_back(certificates::files_of(desired, one.CertificateArn.value_or("")));
  }
  each_below(book.certificates, certificate_prefix(arn),
             [&](const std::string&, const Kept<Certificate>& one) {
               tls.certificates.push_back(
                   certificates::files_of(desired, one.value.CertificateArn.value_or("")));
             });
  if (listener.MutualAuthentication) {
    tls.mutual_authentication.mode = listener.MutualAuthentication->Mode.value_or("off");
  }
  return tls;
}

constexpr std::string_view kResponse = "routing.http.response.";
constexpr std::string_view kValue = ".header_value";

// routing.http.response.x_frame_options.header_value: X-Frame-Options.
std::string header_of_attribute(std::string_view key) {
  key.remove_prefix(kResponse.size());
  key.remove_suffix(kValue.size());
  std::string name(key);
  std::ranges::replace(name, '_', '-');
  return name;
}

void apply_listener_attributes(const Kept<Listener>& kept, weir::Listener& listener) {
  for (const auto& [key, value] : kept.attributes) {
    if (key.starts_with(kResponse) && key.ends_with(kValue)) {
      listener.headers.response.set.emplace_back(header_of_attribute(key), value);
    }
  }
  if (kept.value.Protocol == "TCP") {
    listener.limits.tcp_idle = whole_seconds(
        number_of(attributes_of(kept.value), kept.attributes, "tcp.idle_timeout.seconds"));
  }
}

void compile_listener(const Compiling& what, const ElbBook& book, const std::string& arn,
                      const Kept<Listener>& kept) {
  const auto* balancer = book.load_balancers.find(*kept.value.LoadBalancerArn);
  if (balancer == nullptr) return;
  const Attributes known = attributes_of(balancer->value);
  weir::Listener listener;
  listener.protocol = small(*kept.value.Protocol);
  listener.bind = {endpoint_text(*balancer->value.DNSName, *kept.value.Port)};
  listener.rules = rules_of(what, book, arn);
  listener.default_action = action_of(what, book, kept.value.DefaultActions);
  if (weir::is_secure(listener)) {
    const bool http2 = is_on(known, balancer->attributes, "routing.http2.enabled");
    listener.tls = tls_of(what, book, arn, kept.value, http2);
  }
  if (!is_network(balancer->value)) {
    const Duration idle =
        whole_seconds(number_of(known, balancer->attributes, "idle_timeout.timeout_seconds"));
    listener.limits.idle_time = idle;
    listener.limits.body_idle_time = idle;
  }
  apply_balancer(what, book, *balancer, kept.value.DefaultActions);
  each_below(book.rules, rule_prefix(arn), [&](const std::string&, const Kept<Rule>& rule) {
    apply_balancer(what, book, *balancer, rule.value.Actions);
  });
  apply_listener_attributes(kept, listener);
  what.out.desired
      .listeners[listener_name(what.world, what.tenant, balancer->value, *kept.value.Port)] =
      std::move(listener);
}

}  // namespace

void compile(const Compiling& what) {
  const auto& book = what.books.get<ElbBook>();
  for (const auto& [arn, kept] : book.target_groups) {
    what.out.desired.target_groups[group_name(what.world, what.tenant, book, arn)] =
        group_of(what, book, arn, *kept);
  }
  for (const auto& [arn, kept] : book.listeners) compile_listener(what, book, arn, *kept);
}

}  // namespace weir::amazon::elbv2
