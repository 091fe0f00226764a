// Finding what a call names, and AWS's words where it is not there. Pure.
#pragma once

#include <map>
#include <set>
#include <string>

#include "api/aws/elbv2/book.h"

namespace weir::amazon::elbv2 {

Reply<const Kept<LoadBalancer>*> find_load_balancer(const ElbBook& book, const std::string& arn);
Reply<const Kept<TargetGroup>*> find_target_group(const ElbBook& book, const std::string& arn);
Reply<const Kept<Listener>*> find_listener(const ElbBook& book, const std::string& arn);
Reply<const Kept<Rule>*> find_rule(const ElbBook& book, const std::string& arn);

// Null: no such name.
const Kept<LoadBalancer>* load_balancer_named(const ElbBook& book, const std::string& name);
const Kept<TargetGroup>* target_group_named(const ElbBook& book, const std::string& name);

// The target groups that an action forwards to.
void add_groups(const ListOf<Action>& actions, std::set<std::string>& groups);
// By target group, the load balancers whose listeners and rules forward to it.
using Users = std::map<std::string, std::set<std::string>>;
Users users_of_groups(const ElbBook& book);

bool is_network(const LoadBalancer& balancer);
bool is_network(const TargetGroup& group);  // TCP, TLS, UDP

}  // namespace weir::amazon::elbv2
