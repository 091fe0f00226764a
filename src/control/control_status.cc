// How everything stands, for `weir status` and the admin door.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/units.h"
#include "control/control.h"
#include "judge/ejection.h"
#include "model/slots.h"

namespace weir::control {

Status Control::status() const {
  Status status;
  status.uptime_seconds = seconds(reactor_.clock().now() - started_);
  status.snapshot = snapshot_ ? snapshot_->version : 0;
  status.config = path_;
  status.draining = draining_;
  for (const OpenListener& open : listeners_.open()) {
    const auto known = desired_.listeners.find(open.name);
    if (known == desired_.listeners.end()) continue;
    status.listeners.push_back(
        ListenerStatus{open.name, open.bound, known->second.protocol, known->second.rules.size()});
  }
  for (const auto& [name, options] : desired_.target_groups) {
    if (const Group* known = group(name)) status.target_groups.push_back(status_of(*known));
  }
  status.zones = zone_status();
  for (const auto& [name, one] : scalers_) status.scaling_groups.push_back(one->status());
  if (notifier_) {
    for (const notify::NotifierStatus& one : notifier_->status()) {
      status.notifications.push_back(
          {one.name, one.queued, one.delivered, one.failed, one.dropped, one.last_error});
    }
  }
  return status;
}

std::optional<TargetGroupStatus> Control::target_group(const std::string& name) const {
  const Group* known = group(name);
  return known == nullptr ? std::nullopt : std::optional(status_of(*known));
}

std::optional<InstanceStatus> Control::instance(const std::string& id) const {
  for (const auto& [name, one] : scalers_) {
    ScalingGroupStatus status = one->status();
    for (InstanceStatus& instance : status.instances) {
      if (instance.id == id) return std::move(instance);
    }
  }
  return std::nullopt;
}

TargetGroupStatus Control::status_of(const Group& group) const {
  TargetGroupStatus status;
  status.name = group.name;
  status.algorithm = group.options.algorithm.name;
  status.waiting = group.load->waiting.load(std::memory_order_relaxed) +
                   group.load->resting.load(std::memory_order_relaxed);
  status.in_flight = group.load->in_flight.load(std::memory_order_relaxed);
  status.requests = group.load->arrivals.load(std::memory_order_relaxed);
  status.panic = group.load->panic.load(std::memory_order_relaxed);
  status.connections = group.load->connections.load(std::memory_order_relaxed);
  const std::int64_t now = ns(reactor_.clock().now());
  for (const auto& endpoint : group.endpoints) {
    const Load& load = *endpoint->load;
    EndpointStatus one;
    one.address = endpoint->address;
    one.instance = endpoint->instance;
    one.id = endpoint->instance.empty() ? endpoint->address : endpoint->instance;
    one.zone = endpoint->zone;
    one.weight = endpoint->weight;
    one.in_flight = load.in_flight.load(std::memory_order_relaxed);
    one.limit = most_in_flight(group.options, load);
    one.latency_seconds = load.latency.load(std::memory_order_relaxed);
    if (outside_.health_reason) one.reason = outside_.health_reason(endpoint->id);
    const Health health = load.health.load(std::memory_order_relaxed);
    const std::int64_t until = load.ejected_until.load(std::memory_order_relaxed);
    if (load.draining.load(std::memory_order_relaxed)) {
      one.state = "draining";
      if (const auto out = taken_out_.find(group.name + "/" + endpoint->address);
          out != taken_out_.end() && one.in_flight > 0) {
        const Duration left =
            out->second + group.options.deregistration_delay - Time(Duration(now));
        one.reason =
            fmt::format("what is in flight is cut in {:.0f} s", std::max(seconds(left), 0.0));
      }
    } else if (health == Health::unhealthy) {
      one.state = "unhealthy";
    } else if (health == Health::starting) {
      one.state = "starting";
    } else if (until > now) {
      one.state = "ejected";
      one.reason = fmt::format("{}; back in {:.1f} s",
                               judge::phrase_of(load.ejected_for.load(std::memory_order_relaxed)),
                               static_cast<double>(until - now) / 1e9);
    } else {
      one.state = "healthy";
    }
    status.endpoints.push_back(std::move(one));
  }
  return status;
}

}  // namespace weir::control
