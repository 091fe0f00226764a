#include "control/scaler.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "model/desired_encode.h"
#include "scale/bounds.h"
#include "scale/sample.h"

namespace weir::control {
namespace {

constexpr std::size_t kActivities = 100;  // kept here; the store has more

std::string new_instance_id() {
  static Random random(system_seed());
  return fmt::format("i-{:017x}", random() >> 1);
}

// Text that changes when anything of the template does.
std::string text_of(const Launch& launch) {
  Desired only;
  ScalingGroup group;
  group.launch = launch;
  only.scaling_groups.emplace("g", std::move(group));
  return export_yaml(only);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

}  // namespace

Scaler::Scaler(std::string name, ScalerHost host, const GroupRecord* record)
    : name_(std::move(name)), host_(std::move(host)), wake_(*this) {
  if (record) {
    record_ = *record;
    memory_.desired = record->desired;
    memory_.scheduled = record->scheduled;
  }
  for (ActivityStatus& activity : host_.records.load_activities(name_, kActivities)) {
    activities_.push_back(std::move(activity));
  }
}

Scaler::~Scaler() = default;

// Those that stay keep what they have learned.
void Scaler::update_policies(const ScalingGroup& options) {
  std::vector<std::unique_ptr<scale::Policy>> before = std::exchange(policies_, {});
  for (const Policy& policy : options.policies) {
    const auto same = std::ranges::find(options_.policies, policy);
    const auto index = static_cast<std::size_t>(same - options_.policies.begin());
    if (same != options_.policies.end() && index < before.size() && before[index]) {
      policies_.push_back(std::move(before[index]));
    } else if (auto made = scale::make_policy(policy)) {
      policies_.push_back(std::move(*made));
    }
  }
}

void Scaler::update(const ScalingGroup& options) {
  update_policies(options);
  options_ = options;
  updated_ = true;
  if (!demand_ && scale::needs_forecast(options_)) {
    demand_ = std::make_unique<scale::Demand>();
    demand_->restore(host_.records.load_demand(name_));
  }
  std::string launch = text_of(options_.launch);
  if (record_.launch != launch) {
    if (!record_.launch.empty() && options_.max > 0) ++record_.version;
    record_.launch = std::move(launch);
    host_.records.save(name_, record_);
  }
  ask();
}

void Scaler::adopt(const InstanceRecord& record, const fleet::Live& live) {
  Member member;
  member.record = record;
  const Time now = host_.reactor.clock().now();
  const WallTime wall = host_.reactor.clock().wall();
  // What was never recorded begins now, and no clock that was set makes it begin later.
  const auto then = [&](WallTime recorded) {
    return recorded == WallTime() || recorded > wall ? now : now - (wall - recorded);
  };
  member.launched = then(record.launched);
  member.state_since = then(record.state_since);
  member.started = now;  // a start that went on unwatched is given its time again
  if (record.state != scale::Lifecycle::pending) {
    member.in_service_since = then(record.in_service_since);
  }
  member.address = live.address;
  member.pid = live.pid;
  member.devices = live.devices;
  member.adopted = true;
  if (live.stopping) member.stopping_since = now;
  members_.emplace(record.id, std::move(member));
  host_.changed();
  ask();
}

// ---------------------------------------------------------------- facts

std::vector<const Endpoint*> Scaler::endpoints_of(const Member& member) const {
  std::vector<const Endpoint*> result;
  for (const std::string& name : options_.target_groups) {
    const Group* group = host_.group(name);
    if (!group) continue;
    for (const auto& endpoint : group->endpoints) {
      if (endpoint->instance == member.record.id) result.push_back(endpoint.get());
    }
  }
  return result;
}

scale::InstanceFacts Scaler::facts_of(Member& member) {
  scale::InstanceFacts facts;
  facts.id = member.record.id;
  facts.state = member.record.state;
  facts.cause = member.record.cause;
  facts.launched = member.launched;
  facts.state_since = member.state_since;
  facts.started = member.started;
  facts.in_service_since = member.in_service_since;
  facts.stopping_since = member.stopping_since;
  facts.waiting_for = member.waiting_for;
  facts.exited = member.exited;
  facts.exit_cause = member.exit_cause;
  facts.last_log = member.last_log;
  facts.zone = member.record.zone;
  facts.version = member.record.version;
  facts.adopted = member.adopted;
  facts.is_protected = member.record.is_protected;
  if (member.usage) {
    facts.cpu_percent = member.usage->cpu_percent;
    facts.memory_percent = member.usage->memory_percent;
  }
  // Healthy where all of its endpoints are; unhealthy where one is.
  const auto endpoints = endpoints_of(member);
  bool unhealthy = false;
  facts.healthy = !endpoints.empty();
  for (const Endpoint* endpoint : endpoints) {
    const Load& load = *endpoint->load;
    const Health health = load.health.load(std::memory_order_relaxed);
    facts.healthy = facts.healthy && health == Health::healthy;
    unhealthy = unhealthy || health == Health::unhealthy;
    const std::uint32_t in_flight = load.in_flight.load(std::memory_order_seq_cst);
    facts.in_flight += in_flight;
    facts.remaining_work += in_flight * load.latency.load(std::memory_order_relaxed);
  }
  if (!unhealthy) {
    member.unhealthy_since.reset();
  } else if (!member.unhealthy_since) {
    member.unhealthy_since = host_.reactor.clock().now();
  }
  facts.unhealthy_since = member.unhealthy_since;
  return facts;
}

scale::GroupFacts Scaler::facts() {
  scale::GroupFacts facts;
  facts.name = name_;
  for (auto& [id, member] : members_) facts.instances.push_back(facts_of(member));
  for (const std::string& name : options_.target_groups) {
    const Group* group = host_.group(name);
    if (!group) continue;
    const GroupLoad& load = *group->load;
    facts.waiting += load.waiting.load(std::memory_order_seq_cst);
    facts.waiting += load.resting.load(std::memory_order_relaxed);
    facts.in_flight += load.in_flight.load(std::memory_order_seq_cst);
    facts.arrivals += load.arrivals.load(std::memory_order_relaxed);
    if (const auto last = load.last_arrival.load(std::memory_order_relaxed)) {
      const Time at{Duration(last)};
      facts.last_arrival = std::max(facts.last_arrival.value_or(at), at);
    }
    for (const auto& endpoint : group->endpoints) {
      const bool ours = members_.contains(endpoint->instance);
      if (!ours && endpoint->load->health.load(std::memory_order_relaxed) == Health::healthy &&
          !endpoint->load->draining.load(std::memory_order_relaxed)) {
        ++facts.other_endpoints;
      }
    }
    if (group->options.max_in_flight > 0) facts.slots = group->options.max_in_flight;
    facts.deregistration_delay =
        std::max(facts.deregistration_delay, group->options.deregistration_delay);
  }
  const fleet::Capacity capacity = host_.provider.capacity();
  facts.room = capacity.ports_free;
  if (options_.launch.gpus > 0 && capacity.devices_free) {
    facts.room = std::min(facts.room.value_or(~0u), *capacity.devices_free / options_.launch.gpus);
  }
  facts.manual = std::exchange(manual_, {});
  facts.runs = host_.runs(name_);
  if (demand_) {
    facts.outlook = &demand_->requests();
    facts.load_outlook = &demand_->load();
  }
  return facts;
}

void Scaler::sample() {
  const Time now = host_.reactor.clock().now();
  for (auto& [id, member] : members_) {
    if (member.started && !member.exited) member.usage = host_.provider.usage(id);
  }
  sample_foreign(now);
  if (!scale::needs_latency(options_)) latencies_.clear();
  for (const std::string& group : options_.target_groups) {
    if (!scale::needs_latency(options_)) break;
    const observe::Distribution total = host_.latencies(group);
    const auto before = latencies_.find(group);
    if (before != latencies_.end()) {
      const observe::Distribution fresh = total.since(before->second);
      for (std::size_t i = 0; i < fresh.buckets.size(); ++i) {
        if (fresh.buckets[i] == 0) continue;
        const Duration low = i == 0 ? 0ns : observe::Histogram::bound(i - 1);
        series_.add_latency(now, seconds(low + (observe::Histogram::bound(i) - low) / 2),
                            static_cast<std::uint32_t>(fresh.buckets[i]));
      }
    }
    latencies_[group] = total;
  }
  if (demand_) {
    const auto minute = demand_->look(series_, now, host_.reactor.clock().wall());
    if (minute) host_.records.append(name_, *minute);
  }
  for (auto& [id, member] : members_) {
    // What could not be spawned for want of a device or port is tried again.
    if (!member.started && !member.launching && !member.exited && !member.waiting_for.empty()) {
      background_.spawn(spawn(id));
    }
  }
  ask();
}

// Of the last seconds, as what is pushed comes late.
void Scaler::sample_foreign(Time now) {
  constexpr int kLate = 3;
  const std::vector<std::string> names = scale::foreign_metrics(options_);
  series_.keep(names);
  for (const std::string& name : names) {
    for (int ago = kLate; ago >= 1; --ago) {
      const Time second = now - std::chrono::seconds(ago);
      const auto kept = series_.named(name);
      if (kept && series_.at(*kept, second)) continue;
      if (const auto value = host_.metric(name, second)) series_.add(name, second, *value);
    }
  }
}

// ---------------------------------------------------------------- step and actions

void Scaler::ask() {
  if (std::exchange(asked_, true)) return;
  host_.reactor.defer([this] { run_step(); });
}

void Scaler::run_step() {
  asked_ = false;
  if (stopping_ || !updated_ || host_.held) return;  // adopted ones wait for the options
  const scale::Moment moment{host_.reactor.clock().now(), host_.reactor.clock().wall()};
  scale::GroupFacts now = facts();
  scale::sample(series_, now, options_.warm_up, moment.now);
  scale::Step step = scale::step(options_, policies_, std::move(now), series_, memory_, moment);
  notes_ = step.notes;
  for (const scale::Decision& decision : step.decisions) {
    if (!decision.reason.empty()) notes_.push_back(decision.reason);
  }
  for (const scale::Activity& activity : step.activities) note(activity);
  for (const scale::Action& action : step.actions) execute(action);
  if (step.desired != record_.desired || memory_.scheduled != record_.scheduled) {
    record_.desired = step.desired;
    record_.scheduled = memory_.scheduled;
    host_.records.save(name_, record_);
  }
  host_.reactor.timers().arm(wake_, step.next);
}

void Scaler::execute(const scale::Action& action) {
  using Kind = scale::Action::Kind;
  if (action.kind == Kind::launch) {
    launch(action.count);
    return;
  }
  const auto found = members_.find(action.instance);
  if (found == members_.end()) return;
  Member& member = found->second;
  switch (action.kind) {
    case Kind::launch:
      break;
    case Kind::enter_service:
      if (!member.in_service_since) {
        member.in_service_since = host_.reactor.clock().now();
        member.record.in_service_since = host_.reactor.clock().wall();
      }
      set_state(member, scale::Lifecycle::in_service, scale::Cause::none);
      tell(EventKind::launch, member, "is in service", action.reason);
      break;
    case Kind::resume:
      set_state(member, scale::Lifecycle::in_service, scale::Cause::none);
      host_.changed();
      break;
    case Kind::drain:
      member.reason = action.reason;
      if (action.cause == scale::Cause::failed_start) {
        tell(EventKind::launch_error, member, "is replaced", action.reason);
      }
      // At once, before the next snapshot: nothing new is to be sent there.
      for (const Endpoint* endpoint : endpoints_of(member)) {
        endpoint->load->draining.store(true, std::memory_order_seq_cst);
      }
      set_state(member, scale::Lifecycle::terminating, action.cause);
      host_.changed();
      ask();  // it may have nothing in flight
      break;
    case Kind::stop:
    case Kind::kill: {
      member.stopping_since = host_.reactor.clock().now();
      const Duration grace = action.kind == Kind::kill ? 0s : options_.launch.stop_grace;
      if (const auto done = host_.provider.terminate(member.record.id, grace); !done) {
        if (member.launching) break;  // its launch ends first
        member.exited = true;
        ask();
      }
      break;
    }
    case Kind::forget:
      tell_end(member, action.reason);
      host_.records.forget(member.record.id);
      members_.erase(found);
      host_.changed();
      ask();
      break;
  }
}

void Scaler::set_state(Member& member, scale::Lifecycle state, scale::Cause cause) {
  LOG(info, "instance changes state", {"group", name_}, {"instance", member.record.id},
      {"from", scale::to_string(member.record.state)}, {"to", scale::to_string(state)},
      {"cause", scale::to_string(cause)});
  member.record.state = state;
  member.record.cause = cause;
  member.state_since = host_.reactor.clock().now();
  member.record.state_since = host_.reactor.clock().wall();
  save(member);
}

void Scaler::save(const Member& member) { background_.spawn(save_task(member.record)); }

Task<> Scaler::save_task(InstanceRecord record) {
  const std::string id = record.id;
  const auto done = co_await host_.records.save(std::move(record));
  if (!done) LOG(error, "instance not recorded", {"instance", id}, {"error", done.error().message});
}

void Scaler::launch(std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    Member member;
    member.record.id = new_instance_id();
    member.record.group = name_;
    member.record.version = record_.version;
    member.record.zone = options_.launch.zone;
    member.record.provider = options_.launch.provider;
    member.record.is_protected = options_.protect_new_instances;
    member.record.launched = member.record.state_since = host_.reactor.clock().wall();
    member.launched = member.state_since = host_.reactor.clock().now();
    const std::string id = member.record.id;
    members_.emplace(id, std::move(member));
    background_.spawn(spawn(id));
  }
}

Task<> Scaler::spawn(std::string id) {
  members_.at(id).launching = true;
  fleet::LaunchSpec spec;
  spec.instance = id;
  spec.group = name_;
  spec.version = members_.at(id).record.version;
  spec.launch = options_.launch;
  auto live = co_await host_.provider.launch(std::move(spec));
  const auto found = members_.find(id);
  if (found == members_.end()) {
    if (live) (void)host_.provider.terminate(id, 0s);
    co_return;
  }
  Member& member = found->second;
  member.launching = false;
  if (live) {
    member.started = host_.reactor.clock().now();
    member.address = live->address;
    member.pid = live->pid;
    member.devices = live->devices;
    member.waiting_for.clear();
    host_.changed();
    if (member.stopping_since) (void)host_.provider.terminate(id, options_.launch.stop_grace);
  } else if (live.error().code == Code::limit) {
    member.waiting_for = live.error().message;
  } else {
    member.exited = true;
    member.exit_cause = live.error().message;
  }
  ask();
}

Task<Result<>> Scaler::record(std::string instance, std::string body) {
  const auto found = members_.find(instance);
  if (found == members_.end()) co_return fail(Code::not_found, "no instance " + instance);
  found->second.record.body = std::move(body);
  InstanceRecord record = found->second.record;
  co_return co_await host_.records.save(std::move(record));
}

void Scaler::exited(const fleet::Exit& exit) {
  const auto found = members_.find(exit.instance);
  if (found == members_.end()) return;
  Member& member = found->second;
  for (const Endpoint* endpoint : endpoints_of(member)) {
    endpoint->load->draining.store(true, std::memory_order_seq_cst);
  }
  member.exited = true;
  member.exit_cause = exit.cause;
  member.last_log = joined(exit.last_lines);
  host_.changed();
  ask();
}

Task<Result<>> Scaler::set_manual(std::uint32_t desired) {
  const auto now = scale::bounds(options_, policies_, host_.reactor.clock().wall());
  CO_TRY_VOID(scale::check_manual(now.min, now.max, desired));
  GroupRecord next = record_;
  next.desired = desired;
  const auto done = co_await host_.records.commit(name_, std::move(next));
  if (!done) co_return done;
  manual_ = desired;
  ask();
  co_return Result<>();
}

bool Scaler::drain(const std::string& instance) {
  const auto found = members_.find(instance);
  if (found == members_.end()) return false;
  if (found->second.record.state == scale::Lifecycle::terminating) return true;
  scale::Action action;
  action.kind = scale::Action::Kind::drain;
  action.instance = instance;
  action.cause = scale::Cause::user;
  action.reason = "an operator drained it";
  execute(action);
  return true;
}

Task<Result<>> Scaler::protect(std::string instance, bool on) {
  // At once, so that a change of state meanwhile is recorded with it.
  const bool before = std::exchange(members_.at(instance).record.is_protected, on);
  InstanceRecord record = members_.at(instance).record;
  const auto done = co_await host_.records.save(std::move(record));
  const auto found = members_.find(instance);
  if (!done && found != members_.end()) found->second.record.is_protected = before;
  ask();
  co_return done;
}

void Scaler::stop_all() {
  stopping_ = true;
  for (auto& [id, member] : members_)
    (void)host_.provider.terminate(id, options_.launch.stop_grace);
}

Task<> Scaler::stop() {
  stopping_ = true;
  wake_.cancel();
  co_await background_.close();
}

void Scaler::tell(EventKind kind, const Member& member, const std::string& what,
                  std::string cause) {
  Event event;
  event.kind = kind;
  event.group = name_;
  event.instance = member.record.id;
  event.description = "Instance " + member.record.id + " " + what;
  event.cause = std::move(cause);
  if (!member.address.empty()) event.details.emplace_back("address", member.address);
  if (!member.record.zone.empty()) event.details.emplace_back("zone", member.record.zone);
  host_.events.publish(std::move(event));
}

void Scaler::tell_end(const Member& member, const std::string& how) {
  using enum scale::Lifecycle;
  const bool ending = member.record.state == terminating;
  const EventKind kind = ending                           ? EventKind::terminate
                         : member.record.state == pending ? EventKind::launch_error
                                                          : EventKind::terminate_error;
  const std::string& cause = ending && !member.reason.empty() ? member.reason : how;
  tell(kind, member, ending ? "has ended" : "ended unasked: " + how, cause);
}

void Scaler::note(const scale::Activity& activity) {
  ActivityStatus status;
  status.time = activity.at;
  status.status = activity.status == scale::Activity::Status::failed ? "Failed" : "Successful";
  status.description = activity.description;
  status.cause = activity.cause;
  status.instance = activity.instance;
  LOG(info, "scaling activity", {"group", name_}, {"description", activity.description},
      {"cause", activity.cause});
  ++(activity.status == scale::Activity::Status::failed ? failed_ : successful_);
  host_.records.append(name_, status);
  activities_.push_front(std::move(status));
  if (activities_.size() > kActivities) activities_.pop_back();
}

}  // namespace weir::control
