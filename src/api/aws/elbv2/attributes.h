// Attributes of load balancers, target groups and listeners: AWS's tables of keys and defaults,
// and what weir takes. Pure.
//
// A key that AWS has and weir does not honour takes its default alone; another value is "not
// supported", in the words by which Terraform leaves it out and goes on.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "api/aws/elbv2/book.h"

namespace weir::amazon::elbv2 {

struct Attribute {
  enum class Takes { fixed, flag, number, choice, text };
  std::string_view key;
  std::string_view fallback;
  Takes takes = Takes::fixed;
  std::int64_t least = 0;  // of a number; 0 is taken where it is the default
  std::int64_t most = 0;
  std::string_view choices{};  // a|b|c
};
using Attributes = std::span<const Attribute>;
using Set = std::map<std::string, std::string>;

Attributes attributes_of(const LoadBalancer& balancer);
Attributes attributes_of(const TargetGroup& group);
Attributes attributes_of(const Listener& listener);

// `what`: Load balancer, Target group, Listener.
Reply<void> set_attribute(Attributes known, std::string_view what, const std::string& key,
                          const std::string& value, Set& set);

// As set, or by default.
std::string attribute(Attributes known, const Set& set, std::string_view key);
inline bool is_on(Attributes known, const Set& set, std::string_view key) {
  return attribute(known, set, key) == "true";
}
std::int64_t number_of(Attributes known, const Set& set, std::string_view key);

// All of them, as the Describe operations answer.
template <class T>
ListOf<T> all_attributes(Attributes known, const Set& set) {
  ListOf<T> all;
  all.give();
  for (const Attribute& one : known) {
    T row;
    row.Key = std::string(one.key);
    row.Value = attribute(known, set, one.key);
    all.push_back(std::move(row));
  }
  return all;
}

}  // namespace weir::amazon::elbv2
