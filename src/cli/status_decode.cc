#include "cli/status_decode.h"

#include "base/wall_time.h"
#include "cli/client.h"

namespace weir::cli {
namespace {

using config::Node;

template <class N>
N whole(const Node& node, std::string_view key) {
  return static_cast<N>(number_of(node, key));
}

// The epoch for anything that is no time.
WallTime time_of(std::string_view text) { return parse_wall_time(text).value_or(WallTime{}); }

std::vector<std::string> texts(const Node& node, std::string_view key) {
  std::vector<std::string> all;
  for (const Node& item : list_of(node, key)) all.push_back(item.text);
  return all;
}

std::optional<double> percent(const Node& node, std::string_view key) {
  const config::Entry* entry = node.find(key);
  if (!entry || entry->value.is_null()) return std::nullopt;
  return number_of(node, key);
}

control::EndpointStatus endpoint_of(const Node& node) {
  control::EndpointStatus one;
  one.id = text_of(node, "id");
  one.address = text_of(node, "address");
  one.instance = text_of(node, "instance");
  one.zone = text_of(node, "zone");
  one.state = text_of(node, "state");
  one.reason = text_of(node, "reason");
  one.weight = whole<std::uint32_t>(node, "weight");
  one.in_flight = whole<std::uint32_t>(node, "in_flight");
  one.latency_seconds = number_of(node, "latency_seconds");
  return one;
}

control::TargetGroupStatus target_group_of(const Node& node) {
  control::TargetGroupStatus one;
  one.name = text_of(node, "name");
  one.algorithm = text_of(node, "algorithm");
  one.waiting = whole<std::uint32_t>(node, "waiting");
  one.in_flight = whole<std::uint32_t>(node, "in_flight");
  one.requests = whole<std::uint64_t>(node, "requests");
  one.panic = flag_of(node, "panic");
  one.connections = whole<std::uint32_t>(node, "connections");
  for (const Node& item : list_of(node, "endpoints")) one.endpoints.push_back(endpoint_of(item));
  return one;
}

control::InstanceStatus instance_of(const Node& node) {
  control::InstanceStatus one;
  one.id = text_of(node, "id");
  one.state = text_of(node, "state");
  one.reason = text_of(node, "reason");
  one.address = text_of(node, "address");
  one.pid = whole<std::int64_t>(node, "pid");
  one.port = whole<std::uint16_t>(node, "port");
  one.version = whole<std::uint32_t>(node, "version");
  one.in_flight = whole<std::uint32_t>(node, "in_flight");
  one.healthy = flag_of(node, "healthy");
  one.adopted = flag_of(node, "adopted");
  one.is_protected = flag_of(node, "protected");
  one.launched = time_of(text_of(node, "launched"));
  one.cpu_percent = percent(node, "cpu_percent");
  one.memory_percent = percent(node, "memory_percent");
  one.devices = texts(node, "devices");
  one.gpu_percent = percent(node, "gpu_percent");
  one.gpu_memory_percent = percent(node, "gpu_memory_percent");
  one.launch_template = text_of(node, "launch_template");
  one.weight = whole<std::uint32_t>(node, "weight");
  one.spot = flag_of(node, "spot");
  one.price = number_of(node, "price");
  const std::string ends_at = text_of(node, "ends_at");
  if (!ends_at.empty()) one.ends_at = time_of(ends_at);
  return one;
}

}  // namespace

control::CostStatus cost_of(const Node& node) {
  control::CostStatus cost;
  cost.per_hour = number_of(node, "per_hour");
  cost.instance_hours = number_of(node, "instance_hours");
  cost.money = number_of(node, "money");
  cost.today_instance_hours = number_of(node, "today_instance_hours");
  cost.today_money = number_of(node, "today_money");
  cost.peak_instances = whole<std::uint32_t>(node, "peak_instances");
  cost.peak_per_hour = number_of(node, "peak_per_hour");
  cost.fixed_instance_hours = number_of(node, "fixed_fleet_instance_hours");
  cost.fixed_money = number_of(node, "fixed_fleet_money");
  cost.saved_share = number_of(node, "saved_share");
  cost.since = time_of(text_of(node, "since"));
  return cost;
}

namespace {

std::optional<control::RefreshStatus> refresh_of(const Node& node) {
  const config::Entry* entry = node.find("refresh");
  if (!entry || entry->value.kind != Node::Kind::map) return std::nullopt;
  const Node& said = entry->value;
  control::RefreshStatus one;
  one.number = whole<std::uint32_t>(said, "number");
  one.status = text_of(said, "status");
  one.percent = whole<std::uint32_t>(said, "percent");
  one.replaced = whole<std::uint32_t>(said, "replaced");
  one.total = whole<std::uint32_t>(said, "total");
  one.version = whole<std::uint32_t>(said, "version");
  one.before = whole<std::uint32_t>(said, "before");
  one.reason = text_of(said, "reason");
  one.started = time_of(text_of(said, "started"));
  if (const std::string ended = text_of(said, "ended"); !ended.empty()) one.ended = time_of(ended);
  return one;
}

control::ScalingGroupStatus scaling_group_of(const Node& node) {
  control::ScalingGroupStatus one;
  one.version = whole<std::uint32_t>(node, "version");
  one.refresh = refresh_of(node);
  one.name = text_of(node, "name");
  one.min = whole<std::uint32_t>(node, "min");
  one.max = whole<std::uint32_t>(node, "max");
  one.desired = whole<std::uint32_t>(node, "desired");
  one.target_groups = texts(node, "target_groups");
  one.activities_successful = whole<std::uint64_t>(node, "activities_successful");
  one.activities_failed = whole<std::uint64_t>(node, "activities_failed");
  one.notes = texts(node, "notes");
  one.reversals = whole<std::uint32_t>(node, "reversals");
  if (const config::Entry* cost = node.find("cost")) one.cost = cost_of(cost->value);
  for (const Node& item : list_of(node, "instances")) one.instances.push_back(instance_of(item));
  for (const Node& item : list_of(node, "activities")) {
    control::ActivityStatus activity;
    activity.time = time_of(text_of(item, "time"));
    activity.status = text_of(item, "status");
    activity.description = text_of(item, "description");
    activity.cause = text_of(item, "cause");
    activity.instance = text_of(item, "instance");
    one.activities.push_back(std::move(activity));
  }
  return one;
}

}  // namespace

control::Status decode_status(const Node& node) {
  control::Status status;
  status.version = text_of(node, "version");
  status.uptime_seconds = number_of(node, "uptime_seconds");
  status.snapshot = whole<std::uint64_t>(node, "snapshot");
  status.config = text_of(node, "config");
  status.draining = flag_of(node, "draining");
  for (const Node& item : list_of(node, "listeners")) {
    status.listeners.push_back(control::ListenerStatus{text_of(item, "name"), texts(item, "bind"),
                                                       text_of(item, "protocol"),
                                                       whole<std::size_t>(item, "rules")});
  }
  for (const Node& item : list_of(node, "target_groups")) {
    status.target_groups.push_back(target_group_of(item));
  }
  for (const Node& item : list_of(node, "zones")) {
    control::ZoneStatus zone;
    zone.name = text_of(item, "name");
    zone.own = flag_of(item, "own");
    zone.endpoints = whole<std::uint32_t>(item, "endpoints");
    zone.healthy = whole<std::uint32_t>(item, "healthy");
    const std::string until = text_of(item, "shifted_until");
    if (!until.empty()) zone.shifted_until = time_of(until);
    status.zones.push_back(std::move(zone));
  }
  for (const Node& item : list_of(node, "scaling_groups")) {
    status.scaling_groups.push_back(scaling_group_of(item));
  }
  return status;
}

}  // namespace weir::cli
