#include "control/scaler.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "model/desired_decode.h"
#include "model/desired_encode.h"
#include "scale/sample.h"

namespace weir::control {
namespace {

constexpr Duration kLearnedSaved = 20s;
constexpr std::size_t kActivities = 100;  // kept here; the store has more

// Text that changes when anything of the template does, or of one of the mix.
std::string text_of(const ScalingGroup& options) {
  Desired only;
  ScalingGroup group;
  group.launch = options.launch;
  if (options.mix) {
    group.mix.emplace();
    for (const InstanceTemplate& one : options.mix->templates) {
      InstanceTemplate& kept = group.mix->templates.emplace_back();
      kept.name = one.name;
      kept.launch = one.launch;
    }
  }
  only.scaling_groups.emplace("g", std::move(group));
  return export_yaml(only);
}

Launch launch_in(const ScalingGroup& options, const std::string& launch_template) {
  const InstanceTemplate* const of = scale::find_template(options.mix, launch_template);
  return of ? weir::launch_of(options.launch, of->launch) : options.launch;
}

}  // namespace

Scaler::Scaler(std::string name, ScalerHost host, const GroupRecord* record)
    : name_(std::move(name)), host_(std::move(host)), wake_(*this) {
  if (record) {
    record_ = *record;
    memory_.desired = record->desired;
    memory_.scheduled = record->scheduled;
    memory_.raised = record->raised;
    memory_.refresh = record->refresh;
  }
  for (ActivityStatus& activity : host_.records.load_activities(name_, kActivities)) {
    activities_.push_back(std::move(activity));
  }
}

Scaler::~Scaler() = default;

// Those that stay keep what they have learned; others are told what the store has.
void Scaler::update_policies(const ScalingGroup& options) {
  std::optional<LearnedRecord> known;
  std::vector<std::unique_ptr<scale::Policy>> before = std::exchange(policies_, {});
  for (const Policy& policy : options.policies) {
    const auto same = std::ranges::find(options_.policies, policy);
    const auto index = static_cast<std::size_t>(same - options_.policies.begin());
    if (same != options_.policies.end() && index < before.size() && before[index]) {
      policies_.push_back(std::move(before[index]));
    } else if (auto made = scale::make_policy(policy)) {
      policies_.push_back(std::move(*made));
      if (policies_.back()->learned().empty()) continue;
      if (!known) known = host_.records.load_learned(name_);
      const Duration age = host_.reactor.clock().wall() - known->at;
      for (const scale::Learned& one : known->policies) policies_.back()->restore(one, age);
    }
  }
}

void Scaler::keep_what_is_learned() {
  const Time now = host_.reactor.clock().now();
  if (learned_saved_ && now - *learned_saved_ < kLearnedSaved) return;
  learned_saved_ = now;
  LearnedRecord record;
  for (const auto& policy : policies_) {
    scale::Learned learned = policy->learned();
    if (!learned.empty()) record.policies.push_back(std::move(learned));
  }
  if (record.policies.empty()) return;
  record.at = host_.reactor.clock().wall();
  host_.records.save(name_, record);
}

void Scaler::update(const ScalingGroup& options) {
  update_policies(options);
  options_ = options;
  if (!std::exchange(updated_, true)) {
    for (const auto& [id, member] : members_) run_hooks(member);  // adopted ones' that wait still
  }
  if (!demand_ && scale::needs_forecast(options_)) {
    demand_ = std::make_unique<scale::Demand>();
    demand_->restore(host_.records.load_demand(name_));
  }
  if (std::string launch = text_of(options_); record_.launch != launch) {
    new_template(std::move(launch));
  }
  ask();
}

void Scaler::new_template(std::string launch) {
  const bool changed = !record_.launch.empty() && options_.max > 0;
  if (changed) record_.earlier[record_.version++] = std::move(record_.launch);
  record_.launch = std::move(launch);
  // Kept are those that an instance has, or a refresh may go back to.
  std::erase_if(record_.earlier, [&](const auto& row) {
    const bool wanted = record_.refresh && (row.first == record_.refresh->version ||
                                            row.first == record_.refresh->before);
    return !wanted && row.first + 1 != record_.version &&
           std::ranges::none_of(members_, [&](const auto& member) {
             return member.second.record.version == row.first;
           });
  });
  host_.records.save(name_, record_);
  if (!changed || !options_.instance_refresh.automatic || members_.empty()) return;
  if (memory_.refresh && scale::running(*memory_.refresh)) {
    scale::cancel(*memory_.refresh, host_.reactor.clock().wall());
    memory_.refresh->reason = "the launch template changed again";
    record_.refresh = memory_.refresh;
  }
  background_.spawn(refresh_by_itself());
}

Task<> Scaler::refresh_by_itself() {
  RefreshOptions options = options_.instance_refresh;
  const auto done = co_await start_refresh(std::move(options));
  if (!done) {
    LOG(error, "instance refresh not begun", {"group", name_}, {"error", done.error().message});
  }
}

Launch Scaler::launch_of(const Member& member) const {
  const std::string& name = member.record.launch_template;
  const auto found = record_.earlier.find(member.record.version);
  if (member.record.version == record_.version || found == record_.earlier.end()) {
    return launch_in(options_, name);
  }
  const Loaded loaded = load_text(found->second, "template", Host{});
  const auto group = loaded.desired.scaling_groups.find("g");
  const bool known = group != loaded.desired.scaling_groups.end();
  return launch_in(known ? group->second : options_, name);
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
  const bool served =
      record.state == scale::Lifecycle::in_service || record.state == scale::Lifecycle::terminating;
  if (served || record.in_service_since != WallTime()) {
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
  facts.generation = member.record.generation;
  facts.from_pool = member.record.from_pool;
  const Time now = host_.reactor.clock().now();
  const WallTime wall = host_.reactor.clock().wall();
  for (const HookRecord& hook : member.record.hooks) {
    facts.hooks.push_back({hook.name, now - std::max(Duration(0), wall - hook.begun),
                           now - std::max(Duration(0), wall - hook.heartbeat), hook.result});
  }
  facts.adopted = member.adopted;
  facts.is_protected = member.record.is_protected;
  facts.launch_template = member.record.launch_template;
  if (const InstanceTemplate* const of = template_of(member)) facts.weight = of->weight;
  if (member.record.ends_at != WallTime()) {
    facts.noticed_at = now - (wall - member.record.noticed_at);
    facts.ends_at = now + (member.record.ends_at - wall);
  }
  if (!member.devices.empty()) {
    const fleet::GpuUse use = host_.gpus(member.devices);
    facts.gpu_percent = use.busy_percent;
    facts.gpu_memory_percent = use.memory_percent;
  }
  if (member.usage) {
    facts.cpu_percent = member.usage->cpu_percent;
    facts.memory_percent = member.usage->memory_percent;
  }
  // Healthy where all of its endpoints are; unhealthy where one is.
  const auto endpoints = endpoints_of(member);
  bool unhealthy = false;
  facts.healthy = by_process() ? alive(member) : !endpoints.empty();
  for (const Endpoint* endpoint : endpoints) {
    const Load& load = *endpoint->load;
    const Health health = load.health.load(std::memory_order_relaxed);
    if (!by_process()) {
      facts.healthy = facts.healthy && health == Health::healthy;
      unhealthy = unhealthy || health == Health::unhealthy;
    }
    const std::uint32_t in_flight = load.in_flight.load(std::memory_order_seq_cst);
    facts.in_flight += in_flight;
    facts.remaining_work += in_flight * load.latency.load(std::memory_order_relaxed);
  }
  if (facts.in_flight > 0) {
    member.idle_since.reset();
  } else if (!member.idle_since) {
    member.idle_since = now;
  }
  if (!unhealthy) {
    member.unhealthy_since.reset();
  } else if (!member.unhealthy_since) {
    member.unhealthy_since = now;
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
  if (options_.mix) {
    facts.pools = pools(capacity);
    facts.room = scale::room(*options_.mix, facts.pools);
  } else if (options_.launch.gpus > 0 && capacity.devices_free) {
    facts.room = std::min(facts.room.value_or(~0u), *capacity.devices_free / options_.launch.gpus);
  }
  facts.manual = std::exchange(manual_, {});
  facts.yields = std::exchange(yields_, {});
  facts.choice = std::exchange(choice_, {});
  facts.choosing = choosing_;
  facts.version = record_.launching();
  facts.zones_out = host_.zones_out();
  if (memory_.refresh && scale::running(*memory_.refresh)) facts.alarms = host_.in_alarm();
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
  look_at_cost();
  keep_what_is_learned();
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

// ---------------------------------------------------------------- the step

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
  reversals_ = step.reversals;
  for (const scale::Decision& decision : step.decisions) {
    if (!decision.reason.empty()) notes_.push_back(decision.reason);
  }
  for (const scale::Activity& activity : step.activities) note(activity);
  for (const scale::Action& action : step.actions) execute(action);
  keep(step);
  host_.reactor.timers().arm(wake_, step.next);
}

// What outlives the process, where it has changed.
void Scaler::keep(const scale::Step& step) {
  const auto before = std::exchange(record_.refresh, memory_.refresh);
  const bool changed = step.desired != record_.desired || memory_.scheduled != record_.scheduled ||
                       memory_.raised != record_.raised || before != record_.refresh;
  record_.desired = step.desired;
  record_.scheduled = memory_.scheduled;
  record_.raised = memory_.raised;
  if (changed) host_.records.save(name_, record_);
  if (!record_.refresh || before == record_.refresh) return;
  if (!before || before->status != record_.refresh->status) tell_refresh(*record_.refresh);
  host_.changed();  // the weights of a canary
}

Task<Result<>> Scaler::record(std::string instance, std::string body) {
  const auto found = members_.find(instance);
  if (found == members_.end()) co_return fail(Code::not_found, "no instance " + instance);
  found->second.record.body = std::move(body);
  InstanceRecord record = found->second.record;
  co_return co_await host_.records.save(std::move(record));
}

void Scaler::stop_all() {
  stopping_ = true;
  for (auto& [id, member] : members_)
    (void)host_.provider.terminate(id, launch_of(member).stop_grace);
}

Task<> Scaler::stop() {
  stopping_ = true;
  wake_.cancel();
  hooks_stop_.raise();
  co_await background_.close();
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
