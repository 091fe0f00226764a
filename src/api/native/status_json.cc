#include "api/native/status_json.h"

#include "base/units.h"

namespace weir::api {
namespace {

void write(JsonWriter& json, const control::ListenerStatus& listener) {
  json.open().field("name", listener.name).key("bind").list(listener.bind);
  json.field("protocol", listener.protocol).field("rules", listener.rules).close();
}

void write(JsonWriter& json, const control::EndpointStatus& endpoint) {
  json.open().field("id", endpoint.id).field("address", endpoint.address);
  json.field("instance", endpoint.instance).field("zone", endpoint.zone);
  json.field("state", endpoint.state).field("reason", endpoint.reason);
  json.field("weight", endpoint.weight).field("in_flight", endpoint.in_flight);
  json.field("limit", endpoint.limit);
  json.field("latency_seconds", endpoint.latency_seconds).close();
}

void write(JsonWriter& json, const control::TargetGroupStatus& group) {
  json.open().field("name", group.name).field("algorithm", group.algorithm);
  json.field("waiting", group.waiting).field("in_flight", group.in_flight);
  json.field("requests", group.requests).field("panic", group.panic);
  json.field("connections", group.connections);
  json.key("endpoints").open_list();
  for (const auto& endpoint : group.endpoints) write(json, endpoint);
  json.close_list().close();
}

void write(JsonWriter& json, const control::ZoneStatus& zone) {
  json.open().field("name", zone.name).field("own", zone.own);
  json.field("endpoints", zone.endpoints).field("healthy", zone.healthy).key("shifted_until");
  zone.shifted_until ? json.value(to_string(*zone.shifted_until)) : json.null();
  json.close();
}

void write(JsonWriter& json, const control::NotificationStatus& one) {
  json.open().field("name", one.name).field("queued", one.queued);
  json.field("delivered", one.delivered).field("failed", one.failed);
  json.field("dropped", one.dropped).field("last_error", one.last_error).close();
}

void write_percent(JsonWriter& json, std::string_view name, const std::optional<double>& percent) {
  json.key(name);
  percent ? json.value(*percent) : json.null();
}

void write(JsonWriter& json, const control::InstanceStatus& instance) {
  json.open().field("id", instance.id).field("state", instance.state);
  json.field("reason", instance.reason).field("address", instance.address);
  json.field("pid", instance.pid).field("port", instance.port);
  json.field("version", instance.version).field("in_flight", instance.in_flight);
  json.field("healthy", instance.healthy).field("adopted", instance.adopted);
  json.field("protected", instance.is_protected);
  json.field("launched", to_string(instance.launched));
  write_percent(json, "cpu_percent", instance.cpu_percent);
  write_percent(json, "memory_percent", instance.memory_percent);
  json.key("devices").list(instance.devices);
  write_percent(json, "gpu_percent", instance.gpu_percent);
  write_percent(json, "gpu_memory_percent", instance.gpu_memory_percent);
  json.field("launch_template", instance.launch_template).field("weight", instance.weight);
  json.field("spot", instance.spot).field("price", instance.price).key("ends_at");
  instance.ends_at ? json.value(to_string(*instance.ends_at)) : json.null();
  json.close();
}

void write_amounts(JsonWriter& json, const control::CostStatus& cost) {
  json.field("per_hour", cost.per_hour).field("instance_hours", cost.instance_hours);
  json.field("money", cost.money).field("today_instance_hours", cost.today_instance_hours);
  json.field("today_money", cost.today_money);
  json.field("fixed_fleet_instance_hours", cost.fixed_instance_hours);
  json.field("fixed_fleet_money", cost.fixed_money).field("saved_share", cost.saved_share);
}

void write(JsonWriter& json, const control::CostStatus& cost) {
  json.open();
  write_amounts(json, cost);
  json.field("peak_instances", cost.peak_instances).field("peak_per_hour", cost.peak_per_hour);
  json.field("since", to_string(cost.since)).close();
}

void write(JsonWriter& json, const control::RefreshStatus& refresh) {
  json.open().field("number", refresh.number).field("status", refresh.status);
  json.field("percent", refresh.percent).field("replaced", refresh.replaced);
  json.field("total", refresh.total).field("version", refresh.version);
  json.field("before", refresh.before).field("reason", refresh.reason);
  json.field("started", to_string(refresh.started)).key("ended");
  refresh.ended ? json.value(to_string(*refresh.ended)) : json.null();
  json.close();
}

void write(JsonWriter& json, const control::ScalingGroupStatus& group) {
  json.open().field("name", group.name).field("min", group.min).field("max", group.max);
  json.field("desired", group.desired).key("target_groups").list(group.target_groups);
  json.key("instances").open_list();
  for (const auto& instance : group.instances) write(json, instance);
  json.close_list().key("activities").open_list();
  for (const auto& activity : group.activities) write_activity(json, activity);
  json.close_list().field("activities_successful", group.activities_successful);
  json.field("activities_failed", group.activities_failed);
  json.field("reversals", group.reversals).key("cost");
  write(json, group.cost);
  json.field("version", group.version).key("refresh");
  if (group.refresh) {
    write(json, *group.refresh);
  } else {
    json.null();
  }
  json.key("notes").list(group.notes).close();
}

}  // namespace

void write_activity(JsonWriter& json, const control::ActivityStatus& activity,
                    std::string_view group) {
  json.open();
  if (!group.empty()) json.field("group", group);
  json.field("time", to_string(activity.time)).field("status", activity.status);
  json.field("description", activity.description).field("cause", activity.cause);
  json.field("instance", activity.instance).close();
}

std::string cost_json(const control::Status& status) {
  control::CostStatus total;
  JsonWriter json;
  json.open().key("scaling_groups").open_list();
  for (const auto& group : status.scaling_groups) {
    total = control::sum(total, group.cost);
    json.open().field("name", group.name).key("cost");
    write(json, group.cost);
    json.close();
  }
  json.close_list().key("total").open();
  write_amounts(json, total);
  json.close().close();
  return json.take();
}

std::string status_json(const control::Status& status) {
  JsonWriter json;
  json.open().field("version", status.version).field("uptime_seconds", status.uptime_seconds);
  json.field("snapshot", status.snapshot).field("config", status.config);
  json.field("draining", status.draining).key("listeners").open_list();
  for (const auto& listener : status.listeners) write(json, listener);
  json.close_list().key("target_groups").open_list();
  for (const auto& group : status.target_groups) write(json, group);
  json.close_list().key("zones").open_list();
  for (const auto& zone : status.zones) write(json, zone);
  json.close_list().key("scaling_groups").open_list();
  for (const auto& group : status.scaling_groups) write(json, group);
  json.close_list().key("notifications").open_list();
  for (const auto& one : status.notifications) write(json, one);
  json.close_list().close();
  return json.take();
}

}  // namespace weir::api
