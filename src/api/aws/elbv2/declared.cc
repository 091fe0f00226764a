#include "api/aws/elbv2/declared.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "api/aws/elbv2/draining.h"
#include "api/aws/world/arn.h"

namespace weir::amazon::elbv2 {
namespace {

std::string large(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::int64_t seconds_in(Duration time) {
  return std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(time).count(), 1);
}

std::string joined(const Names& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

class Declared {
 public:
  Declared(const Context& context, ElbBook& book)
      : context_(context), desired_(context.world.control().desired()), book_(book) {}

  void add() {
    for (const auto& [arn, kept] : book_.target_groups) {
      groups_[context_.world.name(context_.tenant, *kept->value.TargetGroupName)] = arn;
    }
    for (const auto& [name, group] : desired_.target_groups) {
      if (!context_.world.has_made(&Desired::target_groups, name)) add_group(name, group);
    }
    for (const auto& [name, listener] : desired_.listeners) {
      if (!context_.world.has_made(&Desired::listeners, name)) add_balancer(name, listener);
    }
  }

 private:
  std::string arn(std::string resource) const {
    return make_arn("elasticloadbalancing", context_.tenant, std::move(resource));
  }
  // Of a group, whoever made it.
  std::string group_arn(const std::string& name) const {
    const auto found = groups_.find(name);
    return found == groups_.end() ? "" : found->second;
  }

  void add_group(const std::string& name, const weir::TargetGroup& group) {
    Kept<TargetGroup> kept;
    TargetGroup& out = kept.value;
    out.TargetGroupArn =
        arn(fmt::format("targetgroup/{}/{}", name, hex_of("target_group/" + name, 16)));
    out.TargetGroupName = name;
    out.TargetType = group.endpoints.empty() ? "instance" : "ip";
    out.Protocol = large(group.protocol);
    out.Port = 80;
    out.IpAddressType = "ipv4";
    const std::string check(check_protocol(group));
    const bool http = check != "tcp";
    if (group.protocol == "http" || group.protocol == "https") {
      out.ProtocolVersion = group.protocol_version;
    }
    out.HealthCheckProtocol = http ? (check == "https" ? "HTTPS" : "HTTP") : "TCP";
    out.HealthCheckPort = group.health_check.port ? std::to_string(*group.health_check.port)
                                                  : std::string("traffic-port");
    out.HealthCheckEnabled = group.health_check.enabled;
    out.HealthCheckIntervalSeconds = seconds_in(group.health_check.interval);
    out.HealthCheckTimeoutSeconds = seconds_in(group.health_check.timeout);
    out.HealthyThresholdCount = group.health_check.healthy;
    out.UnhealthyThresholdCount = group.health_check.unhealthy;
    if (http) {
      out.HealthCheckPath = group.health_check.path;
      out.Matcher.emplace();
      out.Matcher->HttpCode = joined(group.health_check.codes);
    }
    kept.attributes["deregistration_delay.timeout_seconds"] =
        std::to_string(seconds_in(group.deregistration_delay));
    for (const StaticEndpoint& endpoint : group.endpoints) {
      add_target(*out.TargetGroupArn, endpoint);
    }
    groups_[name] = *out.TargetGroupArn;
    const std::string key = *out.TargetGroupArn;
    book_.target_groups.put(key, std::move(kept));
  }

  void add_target(const std::string& group, const StaticEndpoint& endpoint) {
    const auto port = port_of_address(endpoint.address);
    if (!port) return;  // a Unix socket
    Kept<TargetDescription> kept;
    kept.value.Id = endpoint.address.substr(0, endpoint.address.rfind(':'));
    kept.value.Port = port;
    if (!endpoint.zone.empty()) kept.value.AvailabilityZone = endpoint.zone;
    kept.attributes[kAddress] = endpoint.address;
    const std::string key = target_key(group, kept.value);
    book_.targets.put(key, std::move(kept));
  }

  void add_balancer(const std::string& name, const weir::Listener& listener) {
    const bool network = is_layer4(listener);
    const std::string path =
        fmt::format("{}/{}/{}", network ? "net" : "app", name, hex_of("listener/" + name, 16));
    Kept<LoadBalancer> kept;
    LoadBalancer& out = kept.value;
    out.LoadBalancerArn = arn("loadbalancer/" + path);
    out.LoadBalancerName = name;
    out.Type = network ? "network" : "application";
    out.Scheme = "internet-facing";
    out.IpAddressType = "ipv4";
    out.State = {.Code = "active"};
    const std::string bind = listener.bind.empty() ? "" : listener.bind.front();
    out.DNSName = bind.substr(0, bind.rfind(':'));
    out.CreatedTime = WallTime();
    add_listener("listener/" + path, listener, *out.LoadBalancerArn, bind);
    const std::string key = *out.LoadBalancerArn;
    book_.load_balancers.put(key, std::move(kept));
  }

  void add_listener(const std::string& path, const weir::Listener& listener,
                    const std::string& balancer, const std::string& bind) {
    Kept<Listener> kept;
    Listener& out = kept.value;
    out.ListenerArn = arn(fmt::format("{}/{}", path, hex_of(path, 16)));
    out.LoadBalancerArn = balancer;
    out.Protocol = listener.protocol == "tls_passthrough" ? "TCP" : large(listener.protocol);
    if (const auto port = port_of_address(bind)) out.Port = *port;
    if (weir::is_secure(listener)) out.SslPolicy = listener.tls.policy;
    out.DefaultActions = {action_from(listener.default_action)};
    std::int64_t next = 1;
    for (const weir::Rule& rule : listener.rules) {
      add_rule(*out.ListenerArn, rule, rule.priority.value_or(static_cast<std::int32_t>(next++)));
    }
    const std::string key = *out.ListenerArn;
    book_.listeners.put(key, std::move(kept));
  }

  void add_rule(const std::string& listener, const weir::Rule& rule, std::int64_t priority) {
    Kept<Rule> kept;
    kept.value.RuleArn =
        rule_prefix(listener) + hex_of(fmt::format("{}/{}", listener, priority), 16);
    kept.value.Priority = std::to_string(priority);
    kept.value.IsDefault = false;
    kept.value.Conditions = conditions_from(rule.match);
    kept.value.Actions = {action_from(rule.action)};
    const std::string key = *kept.value.RuleArn;
    book_.rules.put(key, std::move(kept));
  }

  static ListOf<RuleCondition> conditions_from(const Match& match) {
    ListOf<RuleCondition> all;
    all.give();
    const auto of = [&all](const char* field) -> RuleCondition& {
      all.emplace_back().Field = field;
      return all.back();
    };
    if (!match.host.empty()) {
      RuleCondition& one = of("host-header");
      one.Values = match.host;
      one.HostHeaderConfig.emplace().Values = match.host;
    }
    if (!match.path.empty()) {
      RuleCondition& one = of("path-pattern");
      one.Values = match.path;
      one.PathPatternConfig.emplace().Values = match.path;
    }
    for (const auto& [name, values] : match.header) {
      auto& config = of("http-header").HttpHeaderConfig.emplace();
      config.HttpHeaderName = name;
      config.Values = values;
    }
    if (!match.method.empty()) {
      of("http-request-method").HttpRequestMethodConfig.emplace().Values = match.method;
    }
    for (const auto& [key, values] : match.query) {
      auto& config = of("query-string").QueryStringConfig.emplace();
      for (const std::string& value : values) config.Values.push_back({.Key = key, .Value = value});
    }
    if (!match.source.empty()) of("source-ip").SourceIpConfig.emplace().Values = match.source;
    return all;
  }

  Action action_from(const weir::Action& action) const {
    Action out;
    if (const auto* forward = std::get_if<weir::Forward>(&action)) {
      out.Type = "forward";
      out.ForwardConfig.emplace();
      for (const auto& share : forward->groups) {
        out.ForwardConfig->TargetGroups.push_back(
            {.TargetGroupArn = group_arn(share.group), .Weight = share.weight});
      }
      if (forward->groups.size() == 1) {
        out.TargetGroupArn = out.ForwardConfig->TargetGroups.front().TargetGroupArn;
      }
      auto& sticky = out.ForwardConfig->TargetGroupStickinessConfig.emplace();
      sticky.Enabled = forward->stickiness > Duration(0);
      if (*sticky.Enabled) sticky.DurationSeconds = seconds_in(forward->stickiness);
    } else if (const auto* redirect = std::get_if<weir::Redirect>(&action)) {
      const auto or_own = [](const std::string& text, const char* own) {
        return text.empty() ? std::string(own) : text;
      };
      out.Type = "redirect";
      auto& to = out.RedirectConfig.emplace();
      to.StatusCode = fmt::format("HTTP_{}", redirect->status);
      to.Protocol = redirect->protocol.starts_with("http") ? large(redirect->protocol)
                                                           : std::string("#{protocol}");
      to.Host = or_own(redirect->host, "#{host}");
      const std::uint16_t port = redirect->port.value_or(0);
      to.Port = port ? std::to_string(port) : std::string("#{port}");
      to.Path = or_own(redirect->path, "/#{path}");
      to.Query = redirect->query.value_or("#{query}");
    } else if (const auto* respond = std::get_if<weir::Respond>(&action)) {
      out.Type = "fixed-response";
      auto& with = out.FixedResponseConfig.emplace();
      with.StatusCode = std::to_string(respond->status);
      with.ContentType = respond->content_type;
      with.MessageBody = respond->body;
    }
    return out;
  }

  const Context& context_;
  const Desired& desired_;
  ElbBook& book_;
  std::map<std::string, std::string> groups_;  // ARNs by their name within weir
};

}  // namespace

ElbBook visible(const Context& context) {
  ElbBook book = context.world.book<ElbBook>(context.tenant);
  if (context.world.is_home(context.tenant)) Declared(context, book).add();
  return book;
}

}  // namespace weir::amazon::elbv2
