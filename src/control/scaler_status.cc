// What others see of a scaler: the endpoints of its instances, and its part of the status.
#include <fmt/format.h>

#include "control/scaler.h"
#include "net/address.h"
#include "scale/bounds.h"
#include "scale/measure.h"

namespace weir::control {

std::vector<Backend> Scaler::backends() const {
  std::vector<Backend> result;
  for (const auto& [id, member] : members_) {
    if (!member.started || member.exited || member.address.empty()) continue;
    result.push_back(Backend{member.address, 1, member.record.zone, id,
                             member.record.state == scale::Lifecycle::terminating});
  }
  return result;
}

void Scaler::measure(Meters& meters, Time at) const {
  const auto tell = [&](const char* metric, std::optional<double> value) {
    if (value) meters.tell(Subject::scaling_group, name_, metric, at, *value);
  };
  tell("desired", record_.desired);
  // Of the second before, which is whole; told as of now, as all others are.
  for (const char* metric : {"in_flight", "waiting", "requests_per_second", "instances",
                             "endpoints", "cpu_percent", "memory_percent", "in_flight_per_endpoint",
                             "waiting_per_endpoint", "requests_per_second_per_endpoint"}) {
    tell(metric, scale::value_at(metric, series_, at - 1s));
  }
  for (const auto& [id, member] : members_) {
    const auto tell_one = [&, &id = id](const char* metric, std::optional<double> value) {
      if (value) meters.tell(Subject::instance, id, metric, at, *value);
    };
    double in_flight = 0;
    for (const Endpoint* endpoint : endpoints_of(member)) {
      in_flight += endpoint->load->in_flight.load(std::memory_order_relaxed);
    }
    tell_one("in_flight", in_flight);
    if (!member.usage) continue;
    tell_one("cpu_percent", member.usage->cpu_percent);
    tell_one("memory_percent", member.usage->memory_percent);
  }
}

ScalingGroupStatus Scaler::status() const {
  ScalingGroupStatus status;
  status.name = name_;
  const auto bounds = scale::bounds(options_, policies_, host_.reactor.clock().wall());
  status.min = bounds.min;
  status.max = bounds.max;
  status.desired = record_.desired;
  status.target_groups = options_.target_groups;
  status.notes = notes_;
  status.activities_successful = successful_;
  status.activities_failed = failed_;
  status.activities.assign(activities_.begin(), activities_.end());
  const Time now = host_.reactor.clock().now();
  for (const auto& [id, member] : members_) {
    InstanceStatus one;
    one.id = id;
    one.state = scale::to_string(member.record.state);
    one.address = member.address;
    one.pid = member.pid;
    one.version = member.record.version;
    one.adopted = member.adopted;
    one.is_protected = member.record.is_protected;
    one.launched = member.record.launched;
    one.devices = member.devices;
    if (const auto address = net::parse_address(member.address)) one.port = address->port();
    if (member.usage) {
      one.cpu_percent = member.usage->cpu_percent;
      one.memory_percent = member.usage->memory_percent;
    }
    const auto endpoints = endpoints_of(member);
    one.healthy = !endpoints.empty();
    for (const Endpoint* endpoint : endpoints) {
      one.in_flight += endpoint->load->in_flight.load(std::memory_order_relaxed);
      one.healthy =
          one.healthy && endpoint->load->health.load(std::memory_order_relaxed) == Health::healthy;
    }
    if (member.exited) {
      one.reason = "ended: " + member.exit_cause;
    } else if (!member.waiting_for.empty()) {
      one.reason = member.waiting_for;
    } else if (member.record.state == scale::Lifecycle::pending) {
      one.reason = member.started ? "not healthy yet" : "being started";
    } else if (member.record.state == scale::Lifecycle::terminating) {
      one.reason =
          member.stopping_since ? "stopping" : fmt::format("draining {} requests", one.in_flight);
      if (!member.reason.empty()) one.reason += ": " + member.reason;
    } else if (member.in_service_since && now - *member.in_service_since < options_.warm_up) {
      one.reason = "warming up";
    } else if (member.record.is_protected) {
      one.reason = "protected from scale-in";
    }
    status.instances.push_back(std::move(one));
  }
  return status;
}

}  // namespace weir::control
