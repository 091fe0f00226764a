#include "app/gauges.h"

#include "base/log.h"

namespace weir::app {
namespace {

using observe::Family;
using observe::Kind;

#define GAUGE(name, help, ...) const Family name{#name, help, Kind::gauge, {__VA_ARGS__}};
#define COUNTER(name, help, ...) const Family name{#name, help, Kind::counter, {__VA_ARGS__}};
#include "app/metrics.def"
#undef GAUGE
#undef COUNTER

}  // namespace

void add_gauges(observe::Samples& samples, const control::Status& status,
                const observe::AccessLog* access_log) {
  samples.add(weir_uptime_seconds, {}, status.uptime_seconds);
  samples.add(weir_snapshot_version, {}, static_cast<double>(status.snapshot));
  samples.add(weir_log_dropped_total, {}, static_cast<double>(dropped_log_lines()));
  const std::uint64_t dropped = access_log ? access_log->dropped() : 0;
  samples.add(weir_access_log_dropped_total, {}, static_cast<double>(dropped));
  for (const auto& group : status.target_groups) {
    samples.add(weir_group_in_flight, {group.name}, group.in_flight);
    samples.add(weir_group_waiting, {group.name}, group.waiting);
    samples.add(weir_group_connections, {group.name}, group.connections);
    samples.add(weir_group_panic, {group.name}, group.panic ? 1 : 0);
    for (const auto& endpoint : group.endpoints) {
      samples.add(weir_endpoint_in_flight, {group.name, endpoint.address}, endpoint.in_flight);
      samples.add(weir_endpoint_limit, {group.name, endpoint.address}, endpoint.limit);
      samples.add(weir_endpoint_healthy, {group.name, endpoint.address},
                  endpoint.state == "healthy" ? 1 : 0);
    }
  }
  for (const auto& zone : status.zones) {
    samples.add(weir_zone_shifted, {zone.name}, zone.shifted_until ? 1 : 0);
  }
  for (const auto& group : status.scaling_groups) {
    samples.add(weir_scaling_desired, {group.name}, group.desired);
    for (const char* state : {"pending", "in_service", "terminating"}) {
      samples.add(weir_scaling_instances, {group.name, state}, 0);
    }
    for (const auto& instance : group.instances) {
      samples.add(weir_scaling_instances, {group.name, instance.state}, 1);
    }
    for (const auto& instance : group.instances) {
      if (instance.gpu_percent) {
        samples.add(weir_instance_gpu_percent, {group.name, instance.id}, *instance.gpu_percent);
      }
      if (instance.gpu_memory_percent) {
        samples.add(weir_instance_gpu_memory_percent, {group.name, instance.id},
                    *instance.gpu_memory_percent);
      }
    }
    samples.add(weir_scaling_cost_per_hour, {group.name}, group.cost.per_hour);
    samples.add(weir_scaling_cost_total, {group.name}, group.cost.money);
    samples.add(weir_scaling_instance_hours_total, {group.name}, group.cost.instance_hours);
    samples.add(weir_scaling_saved_ratio, {group.name}, group.cost.saved_share);
    samples.add(weir_scaling_reversals, {group.name}, group.reversals);
    samples.add(weir_scaling_activities_total, {group.name, "successful"},
                static_cast<double>(group.activities_successful));
    samples.add(weir_scaling_activities_total, {group.name, "failed"},
                static_cast<double>(group.activities_failed));
  }
  for (const auto& one : status.notifications) {
    const auto add = [&](const char* result, std::uint64_t count) {
      samples.add(weir_notifications_total, {one.name, result}, static_cast<double>(count));
    };
    samples.add(weir_notifications_queued, {one.name}, static_cast<double>(one.queued));
    add("delivered", one.delivered);
    add("failed", one.failed);
    add("dropped", one.dropped);
  }
}

}  // namespace weir::app
