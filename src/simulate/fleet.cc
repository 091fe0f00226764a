#include "simulate/fleet.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::simulate {
namespace {

using scale::Lifecycle;
using Kind = scale::Action::Kind;

constexpr Duration kStop = 100ms;  // from the signal to the end of an idle server
constexpr Duration kLong = 1h;     // those that serve at the begin have done so for as long

// Hooks are no part of the model: they are done at once.
std::vector<scale::HookFacts> hooks_of(const ScalingGroup& options, Lifecycle state, Time now) {
  std::vector<scale::HookFacts> all;
  for (const LifecycleHook& hook : options.lifecycle_hooks) {
    const bool launching = hook.transition == Transition::launching;
    const auto wait = launching ? Lifecycle::pending_wait : Lifecycle::terminating_wait;
    if (state == wait) all.push_back({hook.name, now, now, HookResult::continue_});
  }
  return all;
}

}  // namespace

Fleet::Fleet(const FleetOptions& options, Calendar& calendar, Time now)
    : options_(options), calendar_(calendar) {
  for (const StaticEndpoint& one : options_.target.endpoints) {
    Member& member = add(now);
    member.endpoint->weight = one.weight;
    member.endpoint->zone = one.zone;
    member.endpoint->load->health = Health::healthy;
    member.is_static = true;
  }
}

Fleet::Member& Fleet::add(Time now) {
  const std::uint64_t number = ++last_;
  auto member = std::make_unique<Member>(number, options_, now);
  member->endpoint = std::make_shared<Endpoint>();
  member->endpoint->id = {number};
  member->endpoint->address = fmt::format("simulated:{}", number);
  member->endpoint->load = std::make_shared<Load>();
  return *members_.emplace(number, std::move(member)).first->second;
}

// ---------------------------------------------------------------- instances

void Fleet::begin(std::uint32_t count, Time now) {
  for (std::uint32_t i = 0; i < count; ++i) {
    Member& member = launch(now);
    if (!member.facts.started) continue;
    member.facts.in_service_since = member.facts.state_since = now - kLong;
    member.facts.launched = *member.facts.started = now - kLong - options_.model.start_time;
    member.facts.state = Lifecycle::in_service;
    member.facts.healthy = true;
    member.endpoint->load->health = Health::healthy;
    // What it cost before the begin does not count.
    past_seconds_ -= seconds(now - member.facts.launched);
  }
}

Fleet::Member& Fleet::launch(Time now) {
  Member& member = add(now);
  member.facts.id = fmt::format("i-{:05}", member.number);
  member.facts.launched = member.facts.state_since = now;
  member.facts.zone = options_.scaling.launch.zone;
  member.facts.is_protected = options_.scaling.protect_new_instances;
  member.endpoint->instance = member.facts.id;
  member.endpoint->zone = member.facts.zone;
  ++launched_;
  start(member, now);
  return member;
}

void Fleet::start(Member& member, Time now) {
  if (options_.room && holding() >= *options_.room) {
    member.facts.waiting_for = "no free port or device";
    return;
  }
  member.facts.waiting_for.clear();
  member.facts.started = now;
  calendar_.add(now + options_.model.start_time, Event::Kind::started, member.number);
}

bool Fleet::started(std::uint64_t number, Time now) {
  Member* member = find(number);
  if (!member || member->facts.healthy || member->facts.exited || member->facts.stopping_since) {
    return false;
  }
  member->facts.healthy = true;
  Load& load = *member->endpoint->load;
  load.health = Health::healthy;
  load.in_service_since = ns(now);
  return true;
}

bool Fleet::ended(std::uint64_t number) {
  Member* member = find(number);
  if (!member || member->facts.exited) return false;
  member->facts.exited = true;
  member->facts.exit_cause = "signal 15";
  member->endpoint->load->draining = true;
  return true;
}

bool Fleet::retry(Time now) {
  bool any = false;
  for (auto& [number, member] : members_) {
    if (member->is_static || member->facts.started || member->facts.exited) continue;
    start(*member, now);
    any = any || member->facts.started.has_value();
  }
  return any;
}

// ---------------------------------------------------------------- actions

bool Fleet::execute(const scale::Action& action, Time now) {
  if (action.kind == Kind::launch) {
    for (std::uint32_t i = 0; i < action.count; ++i) {
      Member& member = launch(now);
      member.facts.state = action.to;
      if (!action.zone.empty()) member.facts.zone = member.endpoint->zone = action.zone;
    }
    return true;
  }
  Member* member = by_name(action.instance);
  if (!member) return false;
  scale::InstanceFacts& facts = member->facts;
  Load& load = *member->endpoint->load;
  const auto turn = [&](Lifecycle state) {
    facts.state = state;
    facts.state_since = now;
    load.draining = state != Lifecycle::in_service && state != Lifecycle::pending;
  };
  switch (action.kind) {
    case Kind::launch:
      break;
    case Kind::enter_service:
      if (!facts.in_service_since) facts.in_service_since = now;
      facts.cause = scale::Cause::none;
      turn(Lifecycle::in_service);
      break;
    case Kind::resume:
      facts.cause = scale::Cause::none;
      turn(Lifecycle::in_service);
      break;
    case Kind::drain:
      facts.cause = action.cause;
      turn(Lifecycle::terminating);
      break;
    case Kind::move:
      facts.from_pool = facts.from_pool || (pooled(facts.state) && !pooled(action.to));
      facts.cause = action.cause;
      turn(action.to);
      facts.hooks = hooks_of(options_.scaling, action.to, now);
      break;
    case Kind::stop:
    case Kind::kill:
      facts.stopping_since = now;
      calendar_.add(now + (facts.started ? kStop : Duration(0)), Event::Kind::ended,
                    member->number);
      break;
    case Kind::forget:
      forget(*member, now);
      return true;
    default:
      ++unknown_[std::string(scale::to_string(action.kind))];
      break;
  }
  return false;
}

void Fleet::forget(Member& member, Time now) {
  past_seconds_ += seconds(now - member.facts.launched);
  past_input_ += member.server.input_tokens();
  past_cached_ += member.server.cached_tokens();
  members_.erase(member.number);
}

// ---------------------------------------------------------------- what there is

Fleet::Member* Fleet::find(std::uint64_t number) {
  const auto found = members_.find(number);
  return found == members_.end() ? nullptr : found->second.get();
}

Fleet::Member* Fleet::by_name(const std::string& id) {
  for (auto& [number, member] : members_) {
    if (!member->is_static && member->facts.id == id) return member.get();
  }
  return nullptr;
}

std::vector<EndpointPointer> Fleet::endpoints() const {
  std::vector<EndpointPointer> all;
  for (const auto& [number, member] : members_) {
    if (member->is_static || member->facts.started) all.push_back(member->endpoint);
  }
  return all;
}

void Fleet::fill(scale::GroupFacts& facts) const {
  for (const auto& [number, member] : members_) {
    if (member->is_static) {
      ++facts.other_endpoints;
      continue;
    }
    scale::InstanceFacts& one = facts.instances.emplace_back(member->facts);
    const Load& load = *member->endpoint->load;
    one.in_flight = load.in_flight.load(std::memory_order_relaxed);
    one.remaining_work = one.in_flight * load.latency.load(std::memory_order_relaxed);
    if (options_.slots > 0) {
      one.cpu_percent = 100.0 * static_cast<double>(member->server.working()) /
                        static_cast<double>(options_.slots);
    }
  }
  if (options_.room) facts.room = *options_.room - std::min(*options_.room, holding());
}

std::uint32_t Fleet::holding() const {
  std::uint32_t count = 0;
  for (const auto& [number, member] : members_) {
    count += !member->is_static && member->facts.started && !member->facts.exited;
  }
  return count;
}

std::uint32_t Fleet::present() const {
  std::uint32_t count = 0;
  for (const auto& [number, member] : members_) {
    count += !member->is_static && !member->facts.exited;
  }
  return count;
}

std::uint32_t Fleet::serving() const {
  std::uint32_t count = 0;
  for (const auto& [number, member] : members_) {
    count +=
        !member->is_static && !member->facts.exited && member->facts.state == Lifecycle::in_service;
  }
  return count;
}

double Fleet::instance_seconds(Time now) const {
  double sum = past_seconds_;
  for (const auto& [number, member] : members_) {
    if (!member->is_static) sum += seconds(now - member->facts.launched);
  }
  return sum;
}

std::uint64_t Fleet::input_tokens() const {
  std::uint64_t sum = past_input_;
  for (const auto& [number, member] : members_) sum += member->server.input_tokens();
  return sum;
}

std::uint64_t Fleet::cached_tokens() const {
  std::uint64_t sum = past_cached_;
  for (const auto& [number, member] : members_) sum += member->server.cached_tokens();
  return sum;
}

}  // namespace weir::simulate
