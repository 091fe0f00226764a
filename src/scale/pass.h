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

  // Neither terminating nor gone: what desired counts.
  static bool live(const InstanceFacts& i) {
    return i.state != Lifecycle::terminating && !i.exited;
  }
  // Drains only because it was one too many: back sooner than a new one is up.
  static bool resumable(const InstanceFacts& i) {
    return i.state == Lifecycle::terminating && i.cause == Cause::scale_in && i.in_service_since &&
           i.healthy && !i.exited && !i.stopping_since;
  }
  std::uint32_t live() const {
    return static_cast<std::uint32_t>(
        std::count_if(facts.instances.begin(), facts.instances.end(),
                      [](const InstanceFacts& i) { return live(i); }));
  }
};

// Each instance on its own: into service, out for cause, stopped, forgotten. Updates the facts to
// what its actions make of them.
void lifecycle(Pass& pass);

// The desired capacity, with the activity that tells why it changed.
void want(Pass& pass);

}  // namespace weir::scale
