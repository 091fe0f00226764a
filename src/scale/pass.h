// Pass: the working state of one step, shared by its parts (engine.cc, lifecycle.cc, wanted.cc).
#pragma once

#include <fmt/format.h>
#include <algorithm>
#include <string>

#include "scale/engine.h"

namespace weir::scale {

using weir::to_string;  // next to our own

inline std::string plural(std::uint32_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

struct Pass {
  const ScalingGroup& options;
  std::span<const std::unique_ptr<Policy>> policies;
  GroupFacts& facts;
  const Series& series;
  Memory& memory;
  Moment moment;
  Step& out;
  std::uint32_t min = 0;  // in force now
  std::uint32_t max = 0;
  std::uint32_t surge = 0;          // above desired, while instances are replaced
  std::uint32_t may_replace = ~0u;  // at most, now

  Time now() const { return moment.now; }

  bool suspended(std::string_view what) const {
    return std::find(options.suspended.begin(), options.suspended.end(), what) !=
           options.suspended.end();
  }

  // "At 2026-11-21T06:25:00Z"
  std::string at() const { return "At " + to_string(moment.wall).substr(0, 19) + "Z"; }

  void wake_at(Time t) { out.next = std::min(out.next, std::max(t, now())); }

  void act(Action::Kind kind, const std::string& instance, Cause cause, std::string reason) {
    out.actions.push_back({kind, instance, 0, cause, std::move(reason)});
  }
  // The facts show what becomes of it.
  void move(InstanceFacts& i, Lifecycle to, Cause cause, std::string reason) {
    act(Action::Kind::move, i.id, cause, std::move(reason));
    out.actions.back().to = to;
    i.state = to;
    i.state_since = now();
  }
  void drain(InstanceFacts& i, Cause cause, std::string reason) {
    act(Action::Kind::drain, i.id, cause, std::move(reason));
    i.state = Lifecycle::terminating;
    i.cause = cause;
    i.state_since = now();
  }
  InstanceFacts* find(const std::string& id) {
    const auto found = std::ranges::find(facts.instances, id, &InstanceFacts::id);
    return found == facts.instances.end() ? nullptr : &*found;
  }

  // `clause` follows the time: "an instance ... ."
  void record(Activity::Status status, std::string description, const std::string& clause,
              const std::string& instance = {}) {
    out.activities.push_back(
        {moment.wall, status, std::move(description), at() + " " + clause + ".", instance});
  }

  // What desired counts; what was told that it ends soon does not.
  static bool live(const InstanceFacts& i) { return counts(i.state) && !i.exited && !i.ends_at; }
  // Drains only because it was one too many: back sooner than a new one is up.
  static bool resumable(const InstanceFacts& i) {
    return i.state == Lifecycle::terminating && i.cause == Cause::scale_in && i.in_service_since &&
           i.healthy && !i.exited && !i.stopping_since;
  }
  // In units of capacity: instances, where the group has no mix.
  std::uint32_t live() const {
    std::uint32_t units = 0;
    for (const InstanceFacts& i : facts.instances) units += live(i) ? i.weight : 0;
    return units;
  }
};

// Each instance on its own: into service, out for cause, stopped, forgotten. Updates the facts to
// what its actions make of them.
void lifecycle(Pass& pass);

// What was told that it ends: out, once somebody else serves (interruption.cc).
void noticed(Pass& pass, InstanceFacts& instance);
// When it is asked to stop at the latest: early enough for its grace, though not before half of its
// time is over. kNever where nothing was told.
Time stop_by(const Pass& pass, const InstanceFacts& instance);
// How long it may drain.
Duration until_interruption(const Pass& pass, const InstanceFacts& instance);

// Those that are to give their devices to another group (giving_way.cc).
void give_way(Pass& pass);

// Another desired capacity; `clause` tells why, in the past tense.
void change_desired(Pass& pass, std::uint32_t to, const std::string& clause);

// The group's pools as they are now, `living` and `troubles` filled in (mixed.cc).
std::vector<Pool> pools(const Pass& pass);
// What the mix launches to make up for `missing` units.
std::vector<Share> launches(const Pass& pass, std::uint32_t missing);
// The order in which the termination policies see a mix when `desired` units are to stay.
void rank_for_leaving(Pass& pass, std::uint32_t desired);

// Whether the hooks that it waits for are done, and how; wakes the step when one's time is over.
std::optional<HookResult> hooks_done(Pass& pass, const InstanceFacts& instance,
                                     Transition transition);
bool has_hooks(const Pass& pass, Transition transition);

// The desired capacity, with the activity that tells why it changed.
void want(Pass& pass);

// Takes out instances that are outdated, as many as may be missing now, and sets the surge.
void replace(Pass& pass);
// Its parts: which are outdated, for a refresh that runs, and for zones that are out of balance.
void refresh(Pass& pass);
void imbalanced(Pass& pass);

// Adds the launch, to the zones where there are fewest.
void launch_over_zones(Pass& pass, Action action);

// Takes out instances that give so many units of capacity, as far as they may go.
void retire(Pass& pass, std::uint32_t surplus);

// What the warm pool gives to make up for `missing` units.
void take_from_pool(Pass& pass, std::uint32_t missing);
// Fills it, or takes out what is too many.
void fill_pool(Pass& pass);
// How many it is to hold.
std::uint32_t pool_size(const Pass& pass);
// Whether an instance that has drained belongs into it.
bool pool_wants(const Pass& pass, const InstanceFacts& instance);

}  // namespace weir::scale
