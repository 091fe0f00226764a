// step: one moment of a scaling group's life, as one pure function. It combines the policies'
// wishes, clamps them, and moves each instance through its lifecycle; whoever runs the group only
// executes the actions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/desired.h"
#include "scale/backoff.h"
#include "scale/facts.h"
#include "scale/oscillation.h"
#include "scale/policy.h"
#include "scale/rate_limit.h"
#include "scale/refresh.h"
#include "scale/series.h"
#include "scale/troubles.h"

namespace weir::scale {

// A maximum that a forecast has raised.
struct Raised {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  bool operator==(const Raised&) const = default;
};

// What a group must remember between steps. `desired` and `scheduled` have to outlive the process;
// the rest begins anew after a restart, on the careful side (no scale-in before the cooldown).
struct Memory {
  std::optional<std::uint32_t> desired;
  std::optional<WallTime> scheduled;  // up to here, scheduled capacities have been set
  std::optional<Raised> raised;       // the maximum, by a forecast; outlives the process, too
  std::optional<Time> born;
  std::optional<Time> last_change;    // of desired
  std::optional<Time> last_scaling;   // of desired, by the policies
  std::optional<Time> last_busy;      // a request was there, or somebody asked for instances
  std::optional<Time> waiting_since;  // as in GroupFacts
  std::optional<Time> last_line;
  Backoff backoff;
  std::string last_failure;                  // for people: why the backoff
  std::set<std::string> adopted;             // already announced
  std::optional<Refresh> refresh;            // the last one; has to outlive the process, too
  std::map<std::string, Time> zones_failed;  // when a start last failed in it
  std::optional<Time> asked_to_wait;         // when the termination command let nobody go
  std::string moving;                        // the instance that leaves a zone with too many
  RateLimit rate_limit;                      // of the policies' wishes
  Oscillation oscillation;
  Troubles troubles;  // of the mix's templates
};

struct Action {
  enum class Kind : std::uint8_t {
    launch,         // make `count` instance records (pending, or warmed_pending), then spawn
    enter_service,  // record in_service: its first check succeeded
    drain,          // record terminating with `cause`: nothing new is sent to it
    resume,         // a draining instance is needed again: record in_service, send to it
    stop,           // SIGTERM; the provider follows with SIGKILL after stop_grace
    kill,           // it outlived stop and grace: SIGKILL
    forget,         // it is gone: delete the record
    move,           // record `to`; begin the hooks of a wait, stop or wake its processes
    choose,         // ask the termination command for `count` of `candidates`
  };
  Kind kind;
  std::string instance;  // all but launch
  std::uint32_t count = 0;
  Cause cause = Cause::none;
  std::string reason;                 // a phrase
  Lifecycle to = Lifecycle::pending;  // of launch and move
  std::string zone{};                 // of launch: "" is the template's
  std::string launch_template{};      // of launch, where the group has a mix
  std::vector<std::string> candidates{};
};

// A line of the group's history, as EC2's scaling activities.
struct Activity {
  enum class Status : std::uint8_t { successful, failed };
  WallTime at{};
  Status status = Status::successful;
  std::string description;  // Increasing the desired capacity of group ocr from 0 to 1
  std::string cause;        // At 2026-11-21T06:25:00Z 3 requests were waiting ..., increasing ...
  std::string instance;     // where it is about one
};

struct Step {
  std::vector<Action> actions;  // in the order of execution
  std::vector<Activity> activities;
  std::uint32_t desired = 0;
  std::uint32_t min = 0, max = 0;   // in force (bounds.h)
  std::vector<Decision> decisions;  // of the policies, in their order; empty when not asked
  std::vector<std::string> notes;   // why something is as it is now: backoff, no free GPU
  std::uint32_t reversals = 0;      // of the desired capacity within Oscillation::kWindow
  // The latest time of the next step; events (a request waits, a check turns, an exit, a manual
  // change) ask for one at once. kNever: only events matter.
  Time next = kNever;
};

struct Moment {
  Time now;
  WallTime wall;  // for the texts
};

// The actions must be recorded before the next step (the facts show pending, terminating...):
// a step repeats what the facts do not show. A group that is to go away is stepped with max 0.
Step step(const ScalingGroup& options, std::span<const std::unique_ptr<Policy>> policies,
          GroupFacts facts, const Series& series, Memory& memory, Moment moment);

// Whether `weir scale GROUP n` is allowed within these bounds; `n` becomes GroupFacts::manual of
// one step.
Result<void> check_manual(std::uint32_t min, std::uint32_t max, std::uint32_t n);

std::string_view to_string(Lifecycle state);
std::string_view to_string(Cause cause);
std::string_view to_string(Action::Kind kind);

}  // namespace weir::scale
