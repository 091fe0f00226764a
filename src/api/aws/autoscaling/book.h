// AutoScalingBook: what autoscaling keeps of a tenant. What runs is control's to know.
#pragma once

#include "api/aws/world/book.h"
#include "aws/models/autoscaling.h"

namespace weir::amazon::autoscaling {

struct AutoScalingBook : BookOf<AutoScalingBook> {
  static constexpr std::string_view kService = "autoscaling";
  Shelf<aws::autoscaling::AutoScalingGroup> groups;             // by name
  Shelf<aws::autoscaling::LaunchConfiguration> configurations;  // by name
  Shelf<aws::autoscaling::ScalingPolicy> policies;              // by key_of(), as those below
  Shelf<aws::autoscaling::ScheduledUpdateGroupAction> scheduled;
  Shelf<aws::autoscaling::LifecycleHook> hooks;
  Shelf<aws::autoscaling::InstanceRefresh> refreshes;  // by the number that weir has for it

  template <class Self, class Visit>
  static void shelves(Self& self, Visit visit) {
    visit("group", self.groups);
    visit("launch-configuration", self.configurations);
    visit("policy", self.policies);
    visit("scheduled-action", self.scheduled);
    visit("lifecycle-hook", self.hooks);
    visit("instance-refresh", self.refreshes);
  }
};

// "GROUP\nNAME": what belongs to a group, in the order of the names.
inline std::string key_of(std::string_view group, std::string_view name) {
  return std::string(group) + '\n' + std::string(name);
}
inline bool belongs(const std::string& key, std::string_view group) {
  return key.size() > group.size() && key[group.size()] == '\n' && key.starts_with(group);
}

}  // namespace weir::amazon::autoscaling
