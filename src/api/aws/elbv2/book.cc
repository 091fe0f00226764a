#include "api/aws/elbv2/book.h"

#include <fmt/format.h>

#include <memory>

#include "api/aws/world/arn.h"

namespace weir::amazon::elbv2 {
namespace {

constexpr std::string_view kLoadBalancer = ":loadbalancer/";
constexpr std::string_view kListener = ":listener/";
constexpr std::string_view kRule = ":listener-rule/";

// `arn` with another kind of resource; empty where it is not of that kind.
std::string with_kind(std::string_view arn, std::string_view from, std::string_view to) {
  const auto at = arn.find(from);
  if (at == arn.npos) return {};
  return fmt::format("{}{}{}", arn.substr(0, at), to, arn.substr(at + from.size()));
}

}  // namespace

std::shared_ptr<Book> new_book() { return std::make_shared<ElbBook>(); }

std::string target_prefix(const std::string& group) { return group + "|"; }

std::string target_key(const std::string& group, const TargetDescription& target) {
  return fmt::format("{}|{}|{}", group, target.Id.value_or(""), target.Port.value_or(0));
}

std::string certificate_prefix(const std::string& listener) { return listener + "|"; }

std::string certificate_key(const std::string& listener, const std::string& certificate) {
  return certificate_prefix(listener) + certificate;
}

std::string rule_prefix(const std::string& listener) {
  return with_kind(listener, kListener, kRule) + "/";
}

std::string listener_of_rule(const std::string& rule) {
  return with_kind(rule.substr(0, rule.rfind('/')), kRule, kListener);
}

std::string listener_prefix(const std::string& load_balancer) {
  return with_kind(load_balancer, kLoadBalancer, kListener) + "/";
}

Rule default_rule(const Listener& listener) {
  const std::string& arn = *listener.ListenerArn;
  Rule rule;
  rule.RuleArn = rule_prefix(arn) + hex_of(arn, 16);
  rule.Priority = "default";
  rule.Conditions.give();
  rule.Actions = listener.DefaultActions;
  rule.IsDefault = true;
  return rule;
}

}  // namespace weir::amazon::elbv2
