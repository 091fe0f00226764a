// What operations of Auto Scaling share. Lives on the control thread.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "api/aws/autoscaling/book.h"
#include "api/aws/context.h"
#include "api/aws/world.h"
#include "api/aws/world/arn.h"
#include "aws/fault.h"

namespace weir::amazon::autoscaling {

namespace model = aws::autoscaling;

aws::Fault invalid(std::string message);  // ValidationError
// As Terraform looks for it: "... not found".
aws::Fault no_group(std::string_view name);

// Those of the book, and those that files declare where the tenant is the home one.
std::vector<Kept<model::AutoScalingGroup>> all_groups(const Context& context);
// One of them. `changeable`: one that a file declares is refused.
aws::Reply<Kept<model::AutoScalingGroup>> find_group(const Context& context, std::string_view name);
aws::Reply<void> check_changeable(const Context& context, std::string_view name);
// The name within weir of a group of that tenant.
std::string inner_name(const Context& context, std::string_view group);
// And back, for an instance. "": it is of no group of the tenant.
std::string group_of_instance(const Context& context, const std::string& instance);

// The target groups as weir names them, of ARNs.
std::string target_group_name(const World& world, const Tenant& tenant, std::string_view arn);

// As control has it, in AWS's words.
std::vector<model::Instance> instances_of(const Context& context,
                                          const model::AutoScalingGroup& group, bool pool);
// Of its activities, the newest first.
std::vector<model::Activity> activities_of(const Context& context, const std::string& group);
model::Activity activity(const Context& context, const std::string& group, std::string description,
                         std::string cause);
// An instance of that group. "not part of Auto Scaling group" where it is none.
aws::Reply<control::InstanceStatus> find_instance(const Context& context, const std::string& group,
                                                  const std::string& instance);
aws::Fault fault_of(const Error& error);

// For members that change nothing here, as what they speak of is not there or is described alone.
template <class... T>
void no_effect(const T&...) {}

// The next part of a list, by an offset in `token`; by default `usual` of them.
template <class T>
aws::Reply<void> page(std::vector<T>& items, const std::optional<std::string>& token,
                      const std::optional<std::int64_t>& most, std::optional<std::string>& next,
                      std::size_t usual = 50) {
  std::size_t begin = 0;
  if (token) {
    if (token->empty() || token->size() > 9 ||
        token->find_first_not_of("0123456789") != std::string::npos) {
      return aws::refuse("InvalidNextToken", "The token is not valid");
    }
    begin = std::min<std::size_t>(std::stoul(*token), items.size());
  }
  items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(begin));
  const std::size_t limit = most && *most > 0 ? static_cast<std::size_t>(*most) : usual;
  if (items.size() > limit) {
    items.resize(limit);
    next = std::to_string(begin + limit);
  }
  return {};
}

}  // namespace weir::amazon::autoscaling
