// ElbBook: the load balancers, target groups, listeners, rules and targets of one tenant; and how
// their ARNs lead to each other. Lives on the control thread.
#pragma once

#include <string>
#include <string_view>

#include "api/aws/elbv2/service.h"
#include "api/aws/world/book.h"

namespace weir::amazon::elbv2 {

// The model's words, where weir has the same.
using aws::ListOf;
using aws::elbv2::Action;
using aws::elbv2::Certificate;
using aws::elbv2::Limit;
using aws::elbv2::Listener;
using aws::elbv2::LoadBalancer;
using aws::elbv2::Matcher;
using aws::elbv2::Rule;
using aws::elbv2::Tag;
using aws::elbv2::TargetGroup;

struct ElbBook : BookOf<ElbBook> {
  static constexpr std::string_view kService = "elbv2";
  Shelf<LoadBalancer> load_balancers;  // by ARN, as all but the targets
  Shelf<TargetGroup> target_groups;
  Shelf<Listener> listeners;          // of HTTPS and TLS: the first certificate is the default
  Shelf<Certificate> certificates;    // of listeners beside their default: by certificate_key()
  Shelf<Rule> rules;                  // without the listeners' default actions
  Shelf<TargetDescription> targets;   // by target_key()
  Shelf<TargetDescription> draining;  // likewise; made when they were deregistered

  template <class Self, class Visit>
  static void shelves(Self& self, Visit visit) {
    visit("load_balancer", self.load_balancers);
    visit("target_group", self.target_groups);
    visit("listener", self.listeners);
    visit("certificate", self.certificates);
    visit("rule", self.rules);
    visit("target", self.targets);
    visit("draining", self.draining);
  }
};

// What beside the model's struct is kept of a target.
inline constexpr const char* kAddress = "address";  // of an instance: where weir reaches it

// Targets of a group lie side by side.
std::string target_key(const std::string& group, const TargetDescription& target);
std::string target_prefix(const std::string& group);

std::string certificate_key(const std::string& listener, const std::string& certificate);
std::string certificate_prefix(const std::string& listener);

// listener/app/NAME/LB/ID and listener-rule/app/NAME/LB/ID/RULE: one leads to the other.
std::string rule_prefix(const std::string& listener);
std::string listener_of_rule(const std::string& rule);
std::string listener_prefix(const std::string& load_balancer);

// What a listener does where no rule holds, as DescribeRules has it.
Rule default_rule(const Listener& listener);

// Calls visit(key, kept) for what has keys that begin so.
template <class T, class Visit>
void each_below(const Shelf<T>& shelf, const std::string& prefix, Visit visit) {
  const auto& items = shelf.items();
  for (auto at = items.lower_bound(prefix); at != items.end() && at->first.starts_with(prefix);
       ++at) {
    visit(at->first, *at->second);
  }
}

}  // namespace weir::amazon::elbv2
