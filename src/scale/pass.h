// Pass: the working state of one step, shared by its parts (engine.cc, lifecycle.cc, wanted.cc).
#pragma once

#include <fmt/format.h>
#include <algorithm>
#include <string>

#include "scale/engine.h"

namespace weir::scale {

using weir::to_string;  // next to our own

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

  // `clause` follows the time: "an instance ... ."
  void record(Activity::Status status, std::string description, const std::string& clause,
              const std::string& instance = {}) {
    out.activities.push_back(
        {moment.wall, status, std::move(description), at() + " " + clause + ".", instance});
  }

  // Neither terminating nor gone, nor told to be so soon: what desired counts.
  static bool live(const InstanceFacts& i) {
    return i.state != Lifecycle::terminating && !i.exited && !i.ends_at;
  }
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

// An instance is taken out of service.
void begin_drain(Pass& pass, InstanceFacts& instance, Cause cause, std::string reason);

// What was told that it ends: out, once somebody else serves (interruption.cc).
void noticed(Pass& pass, InstanceFacts& instance);
// How long it may drain.
Duration until_interruption(const Pass& pass, const InstanceFacts& instance);

// Those that are to give their devices to another group (giving_way.cc).
void give_way(Pass& pass);

// Another desired capacity; `clause` tells why, in the past tense.
void change_desired(Pass& pass, std::uint32_t to, const std::string& clause);

// The group's pools as they are now, `living` and `troubles` filled in (mixed.cc).
std::vector<Pool> pools(const Pass& pass);
// The order in which the termination policies see a mix when `desired` units are to stay.
void rank_for_leaving(Pass& pass, std::uint32_t desired);

// The desired capacity, with the activity that tells why it changed.
void want(Pass& pass);

}  // namespace weir::scale
