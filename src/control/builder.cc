#include "control/builder.h"

#include <algorithm>

#include "balance/balancer.h"
#include "route/table.h"

namespace weir::control {
namespace {

bool same_endpoints(const std::vector<std::shared_ptr<const Endpoint>>& a,
                    const std::vector<std::shared_ptr<const Endpoint>>& b) {
  return a == b;  // shared objects: the same ones
}

}  // namespace

std::uint32_t Builder::take_slot(std::vector<bool>& slots) {
  const auto free = std::find(slots.begin(), slots.end(), false);
  const auto index = static_cast<std::uint32_t>(free - slots.begin());
  if (free == slots.end()) {
    slots.push_back(true);
  } else {
    *free = true;
  }
  return index;
}

std::vector<std::shared_ptr<const Endpoint>> Builder::endpoints_of(
    const std::string& group, const TargetGroup& options, const std::vector<Backend>& backends) {
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const Endpoint>> before;
  if (const auto known = groups_.find(group); known != groups_.end()) {
    for (const auto& endpoint : known->second->endpoints) {
      before.emplace(std::pair(endpoint->address, endpoint->instance), endpoint);
    }
  }
  std::vector<std::shared_ptr<const Endpoint>> result;
  result.reserve(backends.size());
  for (const Backend& backend : backends) {
    const auto found = before.find(std::pair(backend.address, backend.instance));
    if (found != before.end() && found->second->weight == backend.weight &&
        found->second->zone == backend.zone) {
      result.push_back(found->second);
    } else {
      auto endpoint = std::make_shared<Endpoint>();
      endpoint->address = backend.address;
      endpoint->weight = backend.weight;
      endpoint->zone = backend.zone;
      endpoint->instance = backend.instance;
      if (found != before.end()) {  // only its weight or zone has changed: its counts go on
        endpoint->id = found->second->id;
        endpoint->slot = found->second->slot;
        endpoint->load = found->second->load;
      } else {
        endpoint->id = EndpointId{next_id_++};
        endpoint->slot = take_slot(endpoint_slots_);
        endpoint->load = std::make_shared<Load>();
        if (!options.health_check.enabled) {
          endpoint->load->health.store(Health::healthy, std::memory_order_relaxed);
        }
        if (on_new) on_new(group, *endpoint);
      }
      result.push_back(std::move(endpoint));
    }
    if (found != before.end()) before.erase(found);
    result.back()->load->draining.store(backend.draining, std::memory_order_relaxed);
  }
  for (const auto& [key, gone] : before) {
    // Whoever still picks it from an older version must not.
    gone->load->draining.store(true, std::memory_order_relaxed);
    endpoint_slots_[gone->slot] = false;
  }
  return result;
}

Result<std::shared_ptr<const Snapshot>> Builder::build(
    const Desired& desired, const std::map<std::string, std::vector<Backend>>& backends,
    const std::vector<std::string>& scalable) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->version = version_ + 1;
  snapshot->access_log = desired.access_log;

  std::map<std::string, std::shared_ptr<const Group>> groups;
  static const std::vector<Backend> kNone;
  for (const auto& [name, options] : desired.target_groups) {
    const auto known = groups_.find(name);
    const Group* before = known == groups_.end() ? nullptr : known->second.get();
    const auto live = backends.find(name);
    auto endpoints = endpoints_of(name, options, live == backends.end() ? kNone : live->second);
    const bool can_scale = std::find(scalable.begin(), scalable.end(), name) != scalable.end();
    if (before && before->options == options && before->scalable == can_scale &&
        same_endpoints(before->endpoints, endpoints)) {
      groups.emplace(name, known->second);
      continue;
    }
    auto group = std::make_shared<Group>();
    group->name = name;
    group->options = options;
    group->endpoints = std::move(endpoints);
    group->scalable = can_scale;
    group->id = before ? before->id : GroupId{next_id_++};
    group->slot = before ? before->slot : take_slot(group_slots_);
    group->load = before ? before->load : std::make_shared<GroupLoad>();
    if (before && before->options.algorithm == options.algorithm &&
        same_endpoints(before->endpoints, group->endpoints)) {
      group->plan = before->plan;
    } else {
      auto plan =
          balance::make_plan(options.algorithm, group->endpoints, before ? before->plan : nullptr);
      if (!plan) return fail("target group '" + name + "'", plan.error());
      group->plan = *plan;
    }
    groups.emplace(name, std::move(group));
  }
  for (const auto& [name, gone] : groups_) {
    if (groups.contains(name)) continue;
    group_slots_[gone->slot] = false;
    for (const auto& endpoint : gone->endpoints) {
      endpoint->load->draining.store(true, std::memory_order_relaxed);
      endpoint_slots_[endpoint->slot] = false;
    }
  }
  groups_ = std::move(groups);
  snapshot->groups.resize(group_slots_.size());
  for (const auto& [name, group] : groups_) snapshot->groups[group->slot] = group;

  std::map<std::string, std::shared_ptr<const BoundListener>> listeners;
  for (const auto& [name, options] : desired.listeners) {
    const auto known = listeners_.find(name);
    if (known != listeners_.end() && known->second->options == options) {
      listeners.emplace(name, known->second);
    } else {
      auto listener = std::make_shared<BoundListener>();
      listener->name = name;
      listener->options = options;
      listener->matcher = route::Table::build(options);
      if (known != listeners_.end()) listener->load = known->second->load;
      listeners.emplace(name, std::move(listener));
    }
    snapshot->listeners.push_back(listeners.at(name));
  }
  listeners_ = std::move(listeners);
  version_ = snapshot->version;
  return snapshot;
}

std::shared_ptr<const Endpoint> Builder::find(const std::string& group,
                                              const std::string& address) const {
  const auto known = groups_.find(group);
  if (known == groups_.end()) return nullptr;
  for (const auto& endpoint : known->second->endpoints) {
    if (endpoint->address == address) return endpoint;
  }
  return nullptr;
}

}  // namespace weir::control
