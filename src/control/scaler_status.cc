// What others see of a scaler: the endpoints of its instances, and its part of the status.
#include <fmt/format.h>

#include <algorithm>

#include "control/scaler.h"
#include "net/address.h"
#include "scale/measure.h"

namespace weir::control {

namespace {

// "hook load, hook tell": those that have not answered.
std::string waiting_for(const std::vector<HookRecord>& hooks) {
  std::string all;
  for (const HookRecord& hook : hooks) {
    if (!hook.result) all += (all.empty() ? "hook " : ", hook ") + hook.name;
  }
  return all;
}

// As people see a refresh.
RefreshStatus status_of(const scale::Refresh& refresh) {
  RefreshStatus status;
  status.number = refresh.number;
  status.status = scale::to_string(refresh.status);
  status.percent = scale::percent(refresh);
  status.replaced = refresh.replaced;
  status.total = refresh.total.value_or(0);
  status.version = refresh.version;
  status.before = refresh.before;
  status.reason = refresh.reason;
  status.started = refresh.started;
  status.ended = refresh.ended;
  return status;
}

// Whether requests may be sent there, once it is healthy.
bool open(const InstanceRecord& record, const ScalingGroup& options) {
  using enum scale::Lifecycle;
  if (record.state == in_service) return true;
  return record.state == pending &&
         std::ranges::none_of(options.lifecycle_hooks, [](const LifecycleHook& hook) {
           return hook.transition == Transition::launching;
         });
}

}  // namespace

std::vector<Backend> Scaler::backends() const {
  std::vector<Backend> result;
  for (const auto& [id, member] : members_) {
    if (!member.started || member.exited || member.address.empty()) continue;
    using enum scale::Lifecycle;
    const auto state = member.record.state;
    if (state == warmed_stopped || state == detached) continue;
    const InstanceTemplate* const of = template_of(member);
    const std::uint32_t weight = weight_of(member) * (of ? of->weight : 1);
    result.push_back(
        Backend{member.address, weight, member.record.zone, id, !open(member.record, options_)});
  }
  return result;
}

// While a refresh tries a few out, these get their percentage of the requests together.
std::uint32_t Scaler::weight_of(const Member& member) const {
  const auto& refresh = memory_.refresh;
  if (!refresh || !scale::running(*refresh) || refresh->options.canary == 0 ||
      refresh->checkpoint > 0) {
    return 1;
  }
  std::uint32_t fresh = 0, old = 0;
  for (const auto& [id, one] : members_) {
    if (!scale::counts(one.record.state) || one.exited) continue;  // those that start, too
    ++(one.record.generation == refresh->number ? fresh : old);
  }
  if (fresh == 0 || old == 0) return 1;
  const std::uint32_t canary = refresh->options.canary;
  return member.record.generation == refresh->number ? canary * old : (100 - canary) * fresh;
}

void Scaler::measure(Meters& meters, Time at) const {
  const auto tell = [&](const char* metric, std::optional<double> value) {
    if (value) meters.tell(Subject::scaling_group, name_, metric, at, *value);
  };
  tell("desired", record_.desired);
  // Of the second before, which is whole; told as of now, as all others are.
  for (const char* metric :
       {"in_flight", "waiting", "requests_per_second", "instances", "endpoints", "cpu_percent",
        "memory_percent", "gpu_percent", "gpu_memory_percent", "in_flight_per_endpoint",
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
    if (!member.devices.empty()) {
      const fleet::GpuUse use = host_.gpus(member.devices);
      tell_one("gpu_percent", use.busy_percent);
      tell_one("gpu_memory_percent", use.memory_percent);
    }
    if (!member.usage) continue;
    tell_one("cpu_percent", member.usage->cpu_percent);
    tell_one("memory_percent", member.usage->memory_percent);
  }
}

Result<Launch> Scaler::launch_of(const std::string& instance) {
  TRY(const Member* member, find(instance));
  return launch_of(*member);
}

ScalingGroupStatus Scaler::status() const {
  ScalingGroupStatus status;
  status.name = name_;
  const scale::Bounds in_force = bounds();
  status.min = in_force.min;
  status.max = in_force.max;
  status.desired = record_.desired;
  status.target_groups = options_.target_groups;
  status.version = record_.launching();
  if (record_.refresh) status.refresh = status_of(*record_.refresh);
  status.notes = notes_;
  status.reversals = reversals_;
  status.cost = cost();
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
    one.launch_template = member.record.launch_template;
    if (const InstanceTemplate* const of = template_of(member)) one.weight = of->weight;
    one.price = template_of(member) ? template_of(member)->price : options_.price;
    one.spot = is_spot(member);
    if (member.record.ends_at != WallTime()) one.ends_at = member.record.ends_at;
    if (!member.devices.empty()) {
      const fleet::GpuUse use = host_.gpus(member.devices);
      one.gpu_percent = use.busy_percent;
      one.gpu_memory_percent = use.memory_percent;
    }
    if (const auto address = net::parse_address(member.address)) one.port = address->port();
    if (member.usage) {
      one.cpu_percent = member.usage->cpu_percent;
      one.memory_percent = member.usage->memory_percent;
    }
    const auto endpoints = endpoints_of(member);
    one.zone = member.record.zone;
    one.healthy = by_process() ? alive(member) : !endpoints.empty();
    for (const Endpoint* endpoint : endpoints) {
      one.in_flight += endpoint->load->in_flight.load(std::memory_order_relaxed);
      if (by_process()) continue;
      one.healthy =
          one.healthy && endpoint->load->health.load(std::memory_order_relaxed) == Health::healthy;
    }
    if (member.exited) {
      one.reason = "ended: " + member.exit_cause;
    } else if (!member.waiting_for.empty()) {
      one.reason = member.waiting_for;
    } else if (member.record.state == scale::Lifecycle::pending) {
      one.reason = member.started ? "not healthy yet" : "being started";
    } else if (const std::string hooks = waiting_for(member.record.hooks); !hooks.empty()) {
      one.reason = "waits for " + hooks;
    } else if (scale::leaving(member.record.state)) {
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
