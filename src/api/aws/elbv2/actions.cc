#include "api/aws/elbv2/actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/aws/elbv2/find.h"

namespace weir::amazon::elbv2 {
namespace {

constexpr std::size_t kMostGroups = 5;
constexpr std::int64_t kHeaviest = 999;

bool is_layer4_protocol(const std::string& protocol) {
  return protocol != "HTTP" && protocol != "HTTPS";
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

template <class Number>
Number number_in(const std::string& text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// ---------------------------------------------------------------- forward

bool may_forward(const std::string& listener, const std::string& group) {
  if (!is_layer4_protocol(listener)) return group == "HTTP" || group == "HTTPS";
  if (listener == "UDP") return group == "UDP";
  return group == "TCP" || group == "TLS";
}

Reply<void> check_group(const ElbBook& book, const std::string& protocol,
                        const TargetGroupTuple& one) {
  const std::string arn = one.TargetGroupArn.value_or("");
  const Kept<TargetGroup>* group = book.target_groups.find(arn);
  if (group == nullptr) {
    return refuse("TargetGroupNotFound", fmt::format("Target groups '{}' not found", arn));
  }
  if (!may_forward(protocol, group->value.Protocol.value_or(""))) {
    return refuse(
        "IncompatibleProtocols",
        fmt::format("Listener protocol '{}' is not supported with a target group with the "
                    "protocol '{}'",
                    protocol, group->value.Protocol.value_or("")));
  }
  if (one.Weight && (*one.Weight < 0 || *one.Weight > kHeaviest)) {
    return refuse("ValidationError",
                  fmt::format("Weight must be between 0 and {}, inclusive", kHeaviest));
  }
  return {};
}

Reply<void> check_forward(const ElbBook& book, const std::string& protocol, Action& action) {
  auto& config = action.ForwardConfig;
  if (!config || config->TargetGroups.empty()) {
    if (!action.TargetGroupArn) {
      return refuse("ValidationError", "You must specify a target group for a 'forward' action");
    }
    if (!config) config.emplace();
    config->TargetGroups.push_back({.TargetGroupArn = action.TargetGroupArn});
  } else if (action.TargetGroupArn &&
             (config->TargetGroups.size() != 1 ||
              config->TargetGroups.front().TargetGroupArn != action.TargetGroupArn)) {
    return refuse("InvalidLoadBalancerAction",
                  "You cannot specify different target groups in TargetGroupArn and ForwardConfig");
  }
  if (config->TargetGroups.size() > kMostGroups) {
    return refuse("TooManyUniqueTargetGroupsPerLoadBalancer",
                  fmt::format("A 'forward' action can have at most {} target groups", kMostGroups));
  }
  std::set<std::string> seen;
  for (TargetGroupTuple& one : config->TargetGroups) {
    TRY_VOID(check_group(book, protocol, one));
    if (!seen.insert(*one.TargetGroupArn).second) {
      return refuse("InvalidLoadBalancerAction", "A target group can be specified only once");
    }
    if (!one.Weight && !is_layer4_protocol(protocol)) one.Weight = 1;
  }
  auto& sticky = config->TargetGroupStickinessConfig;
  if (!is_layer4_protocol(protocol) && !sticky) sticky.emplace();
  if (sticky && !sticky->Enabled) sticky->Enabled = sticky->DurationSeconds.has_value();
  if (sticky && *sticky->Enabled) {
    const std::int64_t seconds = sticky->DurationSeconds.value_or(0);
    if (seconds < 1 || seconds > 604800) {
      return refuse("ValidationError",
                    "Target group stickiness duration must be between 1 and 604800 seconds");
    }
  }
  action.TargetGroupArn.reset();
  if (config->TargetGroups.size() == 1) {
    action.TargetGroupArn = config->TargetGroups.front().TargetGroupArn;
  }
  return {};
}

weir::Forward forward_of(const Compiling& what, const ElbBook& book,
                         const ForwardActionConfig& config) {
  weir::Forward forward;
  for (const TargetGroupTuple& one : config.TargetGroups) {
    forward.groups.push_back(
        {group_name(what.world, what.tenant, book, one.TargetGroupArn.value_or("")),
         static_cast<std::uint32_t>(one.Weight.value_or(1))});
  }
  const auto& sticky = config.TargetGroupStickinessConfig;
  if (sticky && sticky->Enabled.value_or(false)) {
    forward.stickiness = std::chrono::seconds(sticky->DurationSeconds.value_or(0));
  }
  return forward;
}

// ---------------------------------------------------------------- redirect, fixed-response

Reply<void> check_redirect(Action& action) {
  if (!action.RedirectConfig) {
    return refuse("ValidationError", "You must specify a redirect configuration");
  }
  RedirectActionConfig& to = *action.RedirectConfig;
  if (!to.Protocol) to.Protocol = "#{protocol}";
  if (!to.Host) to.Host = "#{host}";
  if (!to.Port) to.Port = "#{port}";
  if (!to.Path) to.Path = "/#{path}";
  if (!to.Query) to.Query = "#{query}";
  if (!to.Path->starts_with('/')) {
    return refuse("ValidationError", "The path of a redirect must begin with '/'");
  }
  const int port = to.Port == "#{port}" ? 1 : number_in<int>(*to.Port);
  if (port < 1 || port > 65535) {
    return refuse("ValidationError", "The port of a redirect must be 1 to 65535 or #{port}");
  }
  if (to.Protocol == "#{protocol}" && to.Host == "#{host}" && to.Port == "#{port}" &&
      to.Path == "/#{path}") {
    return refuse("InvalidLoadBalancerAction",
                  "The redirect configuration is not valid because it creates a loop");
  }
  return {};
}

weir::Redirect redirect_of(const RedirectActionConfig& to) {
  weir::Redirect redirect;
  redirect.status = to.StatusCode == "HTTP_301" ? 301 : 302;
  redirect.protocol = lower_case(to.Protocol.value_or(""));
  redirect.host = to.Host.value_or("");
  redirect.port = to.Port == "#{port}" ? std::uint16_t{0} : number_in<std::uint16_t>(*to.Port);
  redirect.path = to.Path.value_or("");
  redirect.query = to.Query;
  return redirect;
}

weir::Respond respond_of(const FixedResponseActionConfig& with) {
  weir::Respond respond;
  respond.status = number_in<std::uint16_t>(with.StatusCode.value_or("200"));
  if (with.ContentType && !with.ContentType->empty()) respond.content_type = *with.ContentType;
  respond.body = with.MessageBody.value_or("");
  return respond;
}

}  // namespace

Reply<ListOf<Action>> checked_actions(const ElbBook& book, const std::string& protocol,
                                      ListOf<Action> actions) {
  std::ranges::stable_sort(actions, {}, &Action::Order);
  if (actions.size() != 1) {
    return refuse("InvalidLoadBalancerAction",
                  actions.empty() ? "You must specify at least one action"
                                  : "Exactly one action of the types forward, redirect and "
                                    "fixed-response is required");
  }
  Action& action = actions.front();
  const std::string& type = *action.Type;
  if (type == "forward") {
    TRY_VOID(check_forward(book, protocol, action));
  } else if (is_layer4_protocol(protocol)) {
    return refuse(
        "InvalidLoadBalancerAction",
        fmt::format("The action type '{}' is not valid with network load balancer", type));
  } else if (type == "redirect") {
    TRY_VOID(check_redirect(action));
  } else if (type == "fixed-response") {
    if (!action.FixedResponseConfig) {
      return refuse("ValidationError", "You must specify a fixed response configuration");
    }
  } else {
    return refuse("InvalidLoadBalancerAction",
                  fmt::format("The action type '{}' is not supported here", type));
  }
  return actions;
}

weir::Action action_of(const Compiling& what, const ElbBook& book, const ListOf<Action>& actions) {
  if (actions.empty()) return Respond{503, "text/plain", "this listener has no action\n"};
  const Action& action = actions.back();
  if (action.ForwardConfig) return forward_of(what, book, *action.ForwardConfig);
  if (action.RedirectConfig) return redirect_of(*action.RedirectConfig);
  return respond_of(action.FixedResponseConfig.value_or(FixedResponseActionConfig()));
}

std::string group_name(const World& world, const Tenant& tenant, const ElbBook& book,
                       const std::string& arn) {
  const Kept<TargetGroup>* group = book.target_groups.find(arn);
  return group == nullptr ? "" : world.name(tenant, group->value.TargetGroupName.value_or(""));
}

}  // namespace weir::amazon::elbv2
