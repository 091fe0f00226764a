#include "control/builder.h"

#include <algorithm>

#include "balance/balancer.h"
#include "balance/sticky.h"
#include "net/proxy_protocol.h"
#include "route/table.h"

namespace weir::control {
namespace {

bool same_endpoints(const std::vector<std::shared_ptr<const Endpoint>>& a,
                    const std::vector<std::shared_ptr<const Endpoint>>& b) {
  return a == b;  // shared objects: the same ones
}

bool uses_tls(const TargetGroup& options) {
  return is_secure(options) || options.health_check.protocol == "https";
}

// A check comes from weir itself, and says so: UNKNOWN (v1), LOCAL (v2).
std::string check_preface(const TargetGroup& options) {
  if (options.proxy_protocol == "off") return "";
  return options.proxy_protocol == "v1" ? net::proxy_header_v1({}, {})
                                        : net::proxy_header_v2({}, {});
}

// Where HTTP is not read, the configuration alone knows what both ends speak: no ALPN by default.
ListenerTls tls_of(const Listener& options) {
  ListenerTls tls = options.tls;
  if (options.protocol == "tls" && tls.alpn == ListenerTls().alpn) tls.alpn.clear();
  return tls;
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

// What exceeds kZones counts as no zone.
std::uint8_t Builder::zone_index(const std::string& zone) {
  if (zone.empty()) return 0;
  const auto known = zones_.find(zone);
  if (known != zones_.end()) return known->second;
  const std::size_t next = zones_.size() + 1;
  const auto index = static_cast<std::uint8_t>(next < kZones ? next : 0);
  if (index != 0) zones_.emplace(zone, index);
  return index;
}

ZoneRules Builder::zone_rules(const Desired& desired, const TargetGroup& options,
                              const std::vector<std::shared_ptr<const Endpoint>>& endpoints,
                              const std::vector<std::string>& shifted) {
  ZoneRules rules;
  const std::string& cross =
      options.cross_zone == "default" ? desired.cross_zone : options.cross_zone;
  // A group without an endpoint in our own zone knows no own zone.
  const std::uint8_t own = zone_index(desired.zone);
  for (const auto& endpoint : endpoints) {
    if (own == 0 || endpoint->zone_index != own) continue;
    rules.own = own;
    rules.cross =
        cross == "off" ? CrossZone::off : (cross == "spill" ? CrossZone::spill : CrossZone::on);
  }
  for (const std::string& zone : shifted) {
    if (const std::uint8_t index = zone_index(zone)) rules.away |= 1u << index;
  }
  if (rules.away >> rules.own & 1) {  // it stands for nothing while it is away
    rules.own = 0;
    rules.cross = CrossZone::on;
  }
  return rules;
}

std::vector<std::shared_ptr<const Endpoint>> Builder::endpoints_of(
    const std::string& group, const TargetGroup& options, const std::vector<Backend>& backends,
    const std::shared_ptr<const TlsBase>& tls) {
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const Endpoint>> before;
  if (const auto known = groups_.find(group); known != groups_.end()) {
    for (const auto& endpoint : known->second->endpoints) {
      before.emplace(std::pair(endpoint->address, endpoint->instance), endpoint);
    }
  }
  const std::string preface = check_preface(options);
  std::vector<std::shared_ptr<const Endpoint>> result;
  result.reserve(backends.size());
  for (const Backend& backend : backends) {
    const auto found = before.find(std::pair(backend.address, backend.instance));
    if (found != before.end() && found->second->weight == backend.weight &&
        found->second->zone == backend.zone && found->second->host == backend.host &&
        found->second->tls == tls && found->second->check_preface == preface) {
      result.push_back(found->second);
    } else {
      auto endpoint = std::make_shared<Endpoint>();
      endpoint->address = backend.address;
      endpoint->weight = backend.weight;
      endpoint->zone = backend.zone;
      endpoint->zone_index = zone_index(backend.zone);
      endpoint->instance = backend.instance;
      endpoint->host = backend.host;
      endpoint->tls = tls;
      endpoint->check_preface = preface;
      if (found != before.end()) {  // only how it is used has changed: its counts go on
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
    const std::vector<std::string>& scalable, const std::vector<std::string>& shifted) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->version = version_ + 1;
  snapshot->access_log = desired.access_log;

  std::map<std::string, std::shared_ptr<const Group>> groups;
  static const std::vector<Backend> kNone;
  for (const auto& [name, options] : desired.target_groups) {
    const auto known = groups_.find(name);
    const Group* before = known == groups_.end() ? nullptr : known->second.get();
    const auto live = backends.find(name);
    std::shared_ptr<const TlsBase> tls;
    if (uses_tls(options)) {
      auto made = keeper_.back(name, options.tls);
      if (!made) return fail(Code::invalid, "target group '" + name + "': " + made.error().what);
      tls = *made;
    }
    auto endpoints =
        endpoints_of(name, options, live == backends.end() ? kNone : live->second, tls);
    const bool can_scale = std::find(scalable.begin(), scalable.end(), name) != scalable.end();
    const ZoneRules zones = zone_rules(desired, options, endpoints, shifted);
    if (before && before->options == options && before->scalable == can_scale &&
        before->zones == zones && same_endpoints(before->endpoints, endpoints)) {
      groups.emplace(name, known->second);
      continue;
    }
    auto group = std::make_shared<Group>();
    group->name = name;
    group->options = options;
    group->endpoints = std::move(endpoints);
    group->scalable = can_scale;
    group->zones = zones;
    if (is_secure(options)) group->tls = tls;
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
    group->sticky = balance::Sticky::make(options.stickiness, name, group->endpoints, cookie_key_);
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

  access_files_.refresh(desired.listeners);
  std::map<std::string, std::shared_ptr<const BoundListener>> listeners;
  for (const auto& [name, options] : desired.listeners) {
    const auto known = listeners_.find(name);
    if (known != listeners_.end() && known->second->options == options &&
        !access_files_.changed(options)) {
      listeners.emplace(name, known->second);
    } else {
      auto listener = std::make_shared<BoundListener>();
      listener->name = name;
      listener->options = options;
      listener->matcher = route::Table::build(access_files_.read_into(options));
      listener->cookie_key = cookie_key_;
      if (is_secure(options)) {
        auto made = keeper_.front(name, tls_of(options));
        if (!made) return fail(Code::invalid, "listener '" + name + "': " + made.error().what);
        listener->tls = *made;
      }
      if (known != listeners_.end()) listener->load = known->second->load;
      listeners.emplace(name, std::move(listener));
    }
    snapshot->listeners.push_back(listeners.at(name));
  }
  listeners_ = std::move(listeners);
  keeper_.drop_unused();
  version_ = snapshot->version;
  return snapshot;
}

std::vector<Builder::Problem> Builder::prepare_tls(const Desired& desired) {
  std::vector<Problem> problems;
  for (const auto& [name, options] : desired.listeners) {
    if (!is_secure(options)) continue;
    if (const auto made = keeper_.front(name, tls_of(options)); !made) {
      problems.push_back({"listeners." + name + ".tls." + made.error().key, made.error().what});
    }
  }
  for (const auto& [name, options] : desired.target_groups) {
    if (!uses_tls(options)) continue;
    if (const auto made = keeper_.back(name, options.tls); !made) {
      problems.push_back({"target_groups." + name + ".tls." + made.error().key, made.error().what});
    }
  }
  return problems;
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
