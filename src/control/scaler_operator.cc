// What people ask of a scaling group: a capacity, one instance out or back, an instance refresh.
#include <fmt/format.h>

#include <utility>

#include "base/units.h"
#include "control/scaler.h"

namespace weir::control {

scale::Bounds Scaler::bounds() const {
  scale::Bounds now = scale::bounds(options_, policies_, host_.reactor.clock().wall());
  if (memory_.raised && memory_.raised->from == now.max) now.max = memory_.raised->to;
  return now;
}

Task<Result<>> Scaler::set_manual(std::uint32_t desired) {
  const scale::Bounds now = bounds();
  CO_TRY_VOID(scale::check_manual(now.min, now.max, desired));
  GroupRecord next = record_;
  next.desired = desired;
  const auto done = co_await host_.records.commit(name_, std::move(next));
  if (!done) co_return done;
  manual_ = desired;
  ask();
  co_return Result<>();
}

// ---------------------------------------------------------------- one instance

Result<Scaler::Member*> Scaler::find(const std::string& instance) {
  const auto found = members_.find(instance);
  if (found == members_.end()) return fail(Code::not_found, "no instance '" + instance + "'");
  return &found->second;
}

bool Scaler::drain(const std::string& instance) {
  const auto found = members_.find(instance);
  if (found == members_.end()) return false;
  if (scale::leaving(found->second.record.state)) return true;
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

Task<Result<>> Scaler::standby(std::string instance, bool replace) {
  co_return co_await set_aside(std::move(instance), scale::Lifecycle::entering_standby, replace);
}

Task<Result<>> Scaler::detach(std::string instance, bool replace) {
  co_return co_await set_aside(std::move(instance), scale::Lifecycle::detaching, replace);
}

Task<Result<>> Scaler::set_aside(std::string instance, scale::Lifecycle to, bool replace) {
  CO_TRY(const Member* member, find(instance));
  const bool from_standby =
      member->record.state == scale::Lifecycle::standby && to == scale::Lifecycle::detaching;
  if (member->record.state != scale::Lifecycle::in_service && !from_standby) {
    co_return fail(Code::conflict, fmt::format("instance {} is {}, not in service", instance,
                                               scale::to_string(member->record.state)));
  }
  if (!replace && !from_standby) {
    const scale::Bounds now = bounds();
    if (record_.desired <= now.min) {
      co_return fail(Code::invalid,
                     fmt::format("desired capacity {} is the minimum: lower min, or have the "
                                 "instance replaced",
                                 record_.desired));
    }
    CO_TRY_VOID(co_await set_manual(record_.desired - 1));
  }
  CO_TRY(Member * now, find(instance));
  take_out(*now);
  set_state(*now, to, scale::Cause::none);
  host_.changed();
  ask();
  co_return Result<>();
}

Task<Result<>> Scaler::back_into_service(std::string instance) {
  CO_TRY(const Member* member, find(instance));
  using enum scale::Lifecycle;
  const auto state = member->record.state;
  if (state != standby && state != detached) {
    co_return fail(Code::conflict, fmt::format("instance {} is {}, neither in standby nor detached",
                                               instance, scale::to_string(state)));
  }
  CO_TRY_VOID(co_await set_manual(record_.desired + 1));
  CO_TRY(Member * now, find(instance));
  if (now->record.state == state) {
    set_state(*now, pending, scale::Cause::none);
    host_.changed();
  }
  ask();
  co_return Result<>();
}

Result<> Scaler::may_leave(const std::string& instance) const {
  const auto found = members_.find(instance);
  if (found == members_.end()) return fail(Code::not_found, "no instance '" + instance + "'");
  if (found->second.record.state == scale::Lifecycle::detached && !found->second.exited) return {};
  return fail(Code::conflict, fmt::format("instance {} is {}, not detached: weir detach it first",
                                          instance, scale::to_string(found->second.record.state)));
}

Task<Result<>> Scaler::make_place(std::string provider) {
  if (provider != options_.launch.provider) {
    co_return fail(Code::conflict, fmt::format("group {} has the provider {}, the instance {}",
                                               name_, options_.launch.provider, provider));
  }
  if (options_.mix) {
    co_return fail(Code::conflict,
                   fmt::format("group {} has a mix, of which the instance is no part", name_));
  }
  co_return co_await set_manual(record_.desired + 1);
}

// It is of no version of this group's launch template, and its start was measured elsewhere.
void Scaler::take_in(Scaler& from, const std::string& instance) {
  auto node = from.members_.extract(instance);
  Member& member = node.mapped();
  member.record.group = name_;
  member.record.version = 0;
  member.record.generation = memory_.refresh ? memory_.refresh->number : 0;
  member.record.launch_template.clear();
  member.record.from_pool = true;
  members_.insert(std::move(node));
  set_state(members_.at(instance), scale::Lifecycle::pending, scale::Cause::none);
  const WallTime now = host_.reactor.clock().wall();
  note({now, scale::Activity::Status::successful, "Attaching instance " + instance,
        fmt::format("At {}Z a user moved instance {} from group {} to group {}.",
                    weir::to_string(now).substr(0, 19), instance, from.name_, name_),
        instance});
  host_.changed();
  from.ask();
  ask();
}

// ---------------------------------------------------------------- instance refresh

Task<Result<>> Scaler::start_refresh(RefreshOptions options) {
  const auto& last = memory_.refresh;
  if (last && scale::running(*last)) {
    co_return fail(Code::conflict,
                   fmt::format("instance refresh {} of group {} is {}", last->number, name_,
                               scale::to_string(last->status)));
  }
  scale::Refresh next;
  next.number = last ? last->number + 1 : 1;
  next.options = std::move(options);
  next.version = next.before = record_.version;
  for (const auto& [id, member] : members_) {
    const std::uint32_t version = member.record.version;
    const bool older = version != next.version && record_.earlier.contains(version);
    if (older && (next.before == next.version || version > next.before)) next.before = version;
  }
  next.started = host_.reactor.clock().wall();
  co_return co_await change_refresh(std::move(next));
}

Task<Result<>> Scaler::cancel_refresh() {
  if (!memory_.refresh || !scale::running(*memory_.refresh)) {
    co_return fail(Code::conflict, fmt::format("no instance refresh of group {} runs", name_));
  }
  scale::Refresh next = *memory_.refresh;
  scale::cancel(next, host_.reactor.clock().wall());
  co_return co_await change_refresh(std::move(next));
}

Task<Result<>> Scaler::roll_back_refresh() {
  const auto& last = memory_.refresh;
  if (!last || !scale::running(*last) ||
      last->status == scale::Refresh::Status::rollback_in_progress) {
    co_return fail(
        Code::conflict,
        fmt::format("no instance refresh of group {} runs that could be rolled back", name_));
  }
  if (last->before == last->version) {
    co_return fail(Code::conflict, "there is no earlier version of the launch template");
  }
  scale::Refresh next = *last;
  scale::roll_back(next, "a user asked for it");
  co_return co_await change_refresh(std::move(next));
}

// Recorded, then in force.
Task<Result<>> Scaler::change_refresh(scale::Refresh next) {
  GroupRecord record = record_;
  record.refresh = next;
  const auto done = co_await host_.records.commit(name_, std::move(record));
  if (!done) co_return done;
  memory_.refresh = record_.refresh = std::move(next);
  tell_refresh(*memory_.refresh);
  host_.changed();
  ask();
  co_return Result<>();
}

void Scaler::tell_refresh(const scale::Refresh& refresh) {
  Event event;
  event.kind = EventKind::refresh;
  event.group = name_;
  event.description = fmt::format("Instance refresh {} of group {} is {}", refresh.number, name_,
                                  scale::to_string(refresh.status));
  event.cause = refresh.reason;
  event.details = {{"status", std::string(scale::to_string(refresh.status))},
                   {"percent", std::to_string(scale::percent(refresh))},
                   {"version", std::to_string(refresh.version)}};
  host_.events.publish(std::move(event));
}

}  // namespace weir::control
