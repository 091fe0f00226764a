// What several operations ask of their input: names, tags, subnets; and what goes with what. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "api/aws/elbv2/book.h"
#include "api/aws/world.h"

namespace weir::amazon::elbv2 {

// Letters, digits and hyphens, at most 32, none at an end.
bool good_name(const std::string& name);
Reply<void> check_ip_address_type(const std::string& type);
// Of either list; `vpc` becomes that of the subnets.
Reply<ListOf<AvailabilityZone>> zones_of_subnets(const Context& context, const Books& books,
                                                 const ListOf<std::string>& subnets,
                                                 const ListOf<SubnetMapping>& mappings,
                                                 std::optional<std::string>& vpc);
// In the place of those of the same key.
Reply<void> set_tags(const ListOf<Tag>& given, std::map<std::string, std::string>& tags);

template <class T>
void erase_below(Shelf<T>& shelf, const std::string& prefix) {
  std::vector<std::string> keys;
  each_below(shelf, prefix, [&](const std::string& key, const auto&) { keys.push_back(key); });
  for (const std::string& key : keys) shelf.erase(key);
}
// With its rules and certificates.
void remove_listener(ElbBook& book, const std::string& arn);

}  // namespace weir::amazon::elbv2
