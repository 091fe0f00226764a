// What operations of EC2 share: filters, tags, pages. Lives on the control thread.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/aws/context.h"
#include "api/aws/ec2/book.h"
#include "api/aws/world/arn.h"
#include "api/aws/world/shelf.h"
#include "aws/fault.h"
#include "aws/models/ec2.h"

namespace weir::amazon::ec2 {

using Texts = std::vector<std::string>;
using Tags = std::map<std::string, std::string>;

// The values of a resource for a filter's name; nullopt: no filter has that name.
using FilterValues = std::function<std::optional<Texts>(std::string_view name)>;

// Whether all filters match, values with * and ?. tag:KEY and tag-key are known to all.
aws::Reply<bool> matches(const std::vector<aws::ec2::Filter>& filters, const Tags& tags,
                         const FilterValues& values);
std::vector<aws::ec2::Tag> listed(const Tags& tags);
// Those of the specifications that are for this type of resource.
Tags tags_for(const std::vector<aws::ec2::TagSpecification>& all, std::string_view type);
// The ids that were asked for and are not there are a fault of that code.
template <class Found>
aws::Reply<void> all_there(const std::vector<std::string>& wanted, const Found& has,
                           std::string_view code, std::string_view what) {
  for (const std::string& id : wanted) {
    if (!has(id)) {
      return aws::refuse(std::string(code), fmt::format("The {} '{}' does not exist", what, id));
    }
  }
  return {};
}

// The networks of a tenant, the default ones included.
Kept<aws::ec2::Vpc> default_vpc(const Tenant& tenant);
std::vector<Kept<aws::ec2::Vpc>> all_vpcs(const Tenant& tenant, const Ec2Book& book);
// For members that change nothing here, as what they speak of is not there.
template <class... T>
void no_effect(const T&...) {}
// The next part of a list, by an offset in `token`.
template <class T>
aws::Reply<void> page(std::vector<T>& items, const std::optional<std::string>& token,
                      const std::optional<std::int64_t>& most, std::optional<std::string>& next) {
  std::size_t begin = 0;
  if (token) {
    if (token->empty() || token->size() > 9 ||
        token->find_first_not_of("0123456789") != std::string::npos) {
      return aws::refuse("InvalidNextToken", "The token is not valid");
    }
    begin = std::min<std::size_t>(std::stoul(*token), items.size());
  }
  items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(begin));
  if (most && *most > 0 && items.size() > static_cast<std::size_t>(*most)) {
    items.resize(static_cast<std::size_t>(*most));
    next = std::to_string(begin + items.size());
  }
  return {};
}

}  // namespace weir::amazon::ec2
