#include "api/aws/elbv2/find.h"

#include <fmt/format.h>

namespace weir::amazon::elbv2 {
namespace {

template <class T>
Reply<const Kept<T>*> found_on(const Shelf<T>& shelf, const std::string& arn, const char* code,
                               std::string otherwise) {
  const Kept<T>* kept = shelf.find(arn);
  if (kept == nullptr) return refuse(code, std::move(otherwise));
  return kept;
}

}  // namespace

Reply<const Kept<LoadBalancer>*> find_load_balancer(const ElbBook& book, const std::string& arn) {
  return found_on(book.load_balancers, arn, "LoadBalancerNotFound",
                  fmt::format("Load balancers '[{}]' not found", arn));
}

Reply<const Kept<TargetGroup>*> find_target_group(const ElbBook& book, const std::string& arn) {
  return found_on(book.target_groups, arn, "TargetGroupNotFound",
                  "One or more target groups not found");
}

Reply<const Kept<Listener>*> find_listener(const ElbBook& book, const std::string& arn) {
  return found_on(book.listeners, arn, "ListenerNotFound", "One or more listeners not found");
}

Reply<const Kept<Rule>*> find_rule(const ElbBook& book, const std::string& arn) {
  return found_on(book.rules, arn, "RuleNotFound", "One or more rules not found");
}

const Kept<LoadBalancer>* load_balancer_named(const ElbBook& book, const std::string& name) {
  for (const auto& [arn, kept] : book.load_balancers) {
    if (kept->value.LoadBalancerName == name) return kept.get();
  }
  return nullptr;
}

const Kept<TargetGroup>* target_group_named(const ElbBook& book, const std::string& name) {
  for (const auto& [arn, kept] : book.target_groups) {
    if (kept->value.TargetGroupName == name) return kept.get();
  }
  return nullptr;
}

void add_groups(const ListOf<Action>& actions, std::set<std::string>& groups) {
  for (const Action& action : actions) {
    if (!action.ForwardConfig) continue;
    for (const TargetGroupTuple& one : action.ForwardConfig->TargetGroups) {
      groups.insert(one.TargetGroupArn.value_or(""));
    }
  }
}

Users users_of_groups(const ElbBook& book) {
  Users users;
  const auto note = [&](const ListOf<Action>& actions, const Listener& listener) {
    std::set<std::string> groups;
    add_groups(actions, groups);
    for (const std::string& group : groups) users[group].insert(*listener.LoadBalancerArn);
  };
  for (const auto& [arn, listener] : book.listeners) {
    note(listener->value.DefaultActions, listener->value);
    each_below(book.rules, rule_prefix(arn), [&](const std::string&, const Kept<Rule>& rule) {
      note(rule.value.Actions, listener->value);
    });
  }
  return users;
}

bool is_network(const LoadBalancer& balancer) { return balancer.Type == "network"; }

bool is_network(const TargetGroup& group) {
  return group.Protocol != "HTTP" && group.Protocol != "HTTPS";
}

}  // namespace weir::amazon::elbv2
