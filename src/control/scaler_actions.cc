// What a scaler does as the step says: starts instances, moves them through their lifecycle, ends
// them, and tells of it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "control/scaler.h"

namespace weir::control {
namespace {

std::string new_instance_id() {
  static Random random(system_seed());
  return fmt::format("i-{:017x}", random() >> 1);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

}  // namespace

void Scaler::execute(const scale::Action& action) {
  using Kind = scale::Action::Kind;
  if (action.kind == Kind::launch) {
    launch(action);
    return;
  }
  if (action.kind == Kind::choose) return choose(action);
  const auto found = members_.find(action.instance);
  if (found == members_.end()) return;
  Member& member = found->second;
  switch (action.kind) {
    case Kind::launch:
    case Kind::choose:
      break;
    case Kind::enter_service:
      if (!member.in_service_since) {
        member.in_service_since = host_.reactor.clock().now();
        member.record.in_service_since = host_.reactor.clock().wall();
      }
      if (member.record.state == scale::Lifecycle::pending_wait) host_.changed();
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
      // Stopped processes answer no request for an end.
      if (member.record.state == scale::Lifecycle::warmed_stopped) {
        (void)host_.provider.pause(member.record.id, false);
      }
      take_out(member);
      set_state(member, scale::Lifecycle::terminating, action.cause);
      host_.changed();
      ask();  // it may have nothing in flight
      break;
    case Kind::move:
      move(member, action);
      break;
    case Kind::stop:
      stop(member, launch_of(member).stop_grace);
      break;
    case Kind::kill:
      stop(member, 0s);
      break;
    case Kind::forget:
      tell_end(member, action.reason);
      host_.records.forget(member.record.id);
      members_.erase(found);
      host_.changed();
      ask();
      break;
  }
}

// Into a wait, the pool, standby, or on its way out of them.
void Scaler::move(Member& member, const scale::Action& action) {
  using enum scale::Lifecycle;
  const scale::Lifecycle from = member.record.state;
  if (scale::pooled(from) && !scale::pooled(action.to)) member.record.from_pool = true;
  if (action.to != pending) take_out(member);
  if (action.to == warmed_stopped) (void)host_.provider.pause(member.record.id, true);
  if (from == warmed_stopped) (void)host_.provider.pause(member.record.id, false);
  member.record.hooks.clear();
  if (action.to == pending_wait) begin_hooks(member, Transition::launching);
  if (action.to == terminating_wait) begin_hooks(member, Transition::terminating);
  member.reason = action.reason;
  set_state(member, action.to, action.cause);
  run_hooks(member);
  host_.changed();
  ask();
}

void Scaler::stop(Member& member, Duration grace) {
  member.stopping_since = host_.reactor.clock().now();
  if (member.record.ends_at != WallTime()) {
    grace = std::clamp<Duration>(member.record.ends_at - host_.reactor.clock().wall(), 0s, grace);
  }
  if (host_.provider.terminate(member.record.id, grace) || member.launching) return;
  member.exited = true;
  ask();
}

// At once, before the next snapshot: nothing new is to be sent there.
void Scaler::take_out(Member& member) {
  for (const Endpoint* endpoint : endpoints_of(member)) {
    endpoint->load->draining.store(true, std::memory_order_seq_cst);
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

void Scaler::launch(const scale::Action& action) {
  const std::uint32_t version = record_.launching();
  for (std::uint32_t i = 0; i < action.count; ++i) {
    Member member;
    member.record.id = new_instance_id();
    member.record.group = name_;
    member.record.state = action.to;
    member.record.version = version;
    member.record.generation = memory_.refresh ? memory_.refresh->number : 0;
    member.record.launch_template = action.launch_template;
    member.record.zone = action.zone.empty() ? launch_of(member).zone : action.zone;
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
  spec.launch = launch_of(members_.at(id));
  spec.launch.zone = members_.at(id).record.zone;
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
    member.waiting_since.reset();
    host_.changed();
    if (member.stopping_since) {
      (void)host_.provider.terminate(id, launch_of(member).stop_grace);
    }
  } else if (live.error().code == Code::limit) {
    member.waiting_for = live.error().message;
    if (!member.waiting_since) member.waiting_since = host_.reactor.clock().now();
    host_.lacks_devices();
  } else {
    member.exited = true;
    member.exit_cause = live.error().message;
  }
  ask();
}

void Scaler::exited(const fleet::Exit& exit) {
  const auto found = members_.find(exit.instance);
  if (found == members_.end()) return;
  Member& member = found->second;
  take_out(member);
  member.exited = true;
  member.exit_cause = exit.cause;
  member.last_log = joined(exit.last_lines);
  host_.changed();
  ask();
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
  const bool ending = scale::leaving(member.record.state);
  const EventKind kind = ending                               ? EventKind::terminate
                         : scale::coming(member.record.state) ? EventKind::launch_error
                                                              : EventKind::terminate_error;
  const std::string& cause = ending && !member.reason.empty() ? member.reason : how;
  tell(kind, member, ending ? "has ended" : "ended unasked: " + how, cause);
}

}  // namespace weir::control
