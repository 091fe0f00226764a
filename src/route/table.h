// Table: a listener's rules, compiled. The first rule in order of priority whose conditions all
// hold decides, as on an ALB; what no rule matches takes the default action.
//
// Matching looks at the rules whose host and path could match, found by hash: exact hosts,
// *.suffix hosts and the rest, and in each exact paths, literal prefixes and the rest. Its cost
// does not grow with the number of rules, except for those that have neither a host nor the start
// of a path in common with no other: rules told apart by header, query or source alone are asked
// one after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/request_view.h"
#include "model/snapshot.h"
#include "route/conditions.h"
#include "route/extras.h"
#include "route/path_index.h"

namespace weir::route {

// Built on the control side. Any thread.
class Table final : public MatcherBase {
 public:
  static constexpr int kDefault = -1;

  static std::shared_ptr<const Table> build(const Listener& listener);

  // The rule that decides: its place in the order of priority, or kDefault.
  int match(const RequestView& request) const;

  // Rules in order of priority; one without a priority counts as its place in the file, from 1.
  const std::vector<Rule>& rules() const { return rules_; }
  // What match()'s answer does beside its action; null where that is nothing.
  const Extras* extras(int matched) const {
    return extras_.empty() ? nullptr : extras_[static_cast<std::size_t>(matched + 1)].get();
  }
  // Its priority; of the default action 0, as in AWS's access logs.
  std::int32_t priority(int matched) const {
    if (matched == kDefault) return 0;
    return rules_[static_cast<std::size_t>(matched)].priority.value_or(matched + 1);
  }
  // Who may connect.
  const AccessList& access() const { return access_; }
  // Of match()'s answer.
  const Action& action(int matched) const {
    return matched == kDefault ? default_action_ : rules_[static_cast<std::size_t>(matched)].action;
  }

 private:
  struct Text : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Hosts = std::unordered_map<std::string, PathIndex, Text, std::equal_to<>>;

  explicit Table(const Listener& listener);
  void index(std::uint32_t rule);

  std::vector<Rule> rules_;
  std::vector<Conditions> conditions_;  // of rules_
  Action default_action_;
  AccessList access_;
  std::vector<std::shared_ptr<const Extras>> extras_;  // the default's first; empty: nobody has any
  Hosts exact_hosts_;
  Hosts suffix_hosts_;  // of *.example.com: .example.com
  PathIndex any_host_;
};

}  // namespace weir::route
