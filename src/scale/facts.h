// Facts: a scaling group as one decision sees it. Plain values, gathered by whoever runs the group.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/lifecycle.h"
#include "model/names.h"
#include "scale/mix.h"
#include "scale/outlook.h"
#include "scale/sharing.h"

namespace weir::scale {

// EC2 Auto Scaling's states. What is between two of them without time passing (pending:proceed,
// terminating:proceed, terminated) is not one here. Recorded by number: new ones are appended.
enum class Lifecycle : std::uint8_t {
  pending,           // being started: no traffic yet
  in_service,        // was healthy once: takes traffic
  terminating,       // out of the eligible set; drains, then is stopped
  pending_wait,      // healthy, and its launching hooks are at work: no traffic yet
  terminating_wait,  // drained, and its terminating hooks are at work: not stopped yet
  entering_standby,  // an operator takes it out; drains
  standby,           // runs, takes nothing, is not replaced; nor does desired count it
  detaching,         // as entering_standby
  detached,          // runs, and is its user's; may be attached again
  warmed_pending,    // starts for the warm pool
  warmed_running,    // in the warm pool, ready
  warmed_stopped,    // in the warm pool, its processes stopped (SIGSTOP)
};

// Why an instance is terminating: decides how long it may drain. Recorded by number.
enum class Cause : std::uint8_t {
  none,
  scale_in,      // voluntary: waits for its last stream (ScalingGroup::drain_limit, default none)
  unhealthy,     // bounded by deregistration_delay
  failed_start,  // never took traffic: not drained
  user,          // an operator drained it: bounded by deregistration_delay
  abandoned,     // a launching hook gave it up: never took traffic
  refresh,       // voluntary: an instance refresh replaces it
  lifetime,      // voluntary: it is older than the maximum
  rebalance,     // voluntary: its zone has too many
  gave_way,      // to a group that waits for its devices: as scale_in, but does not come back
  interrupted,   // its machine is taken away: bounded by the moment that was told
};

// On its way out.
constexpr bool leaving(Lifecycle s) {
  return s == Lifecycle::terminating || s == Lifecycle::terminating_wait;
}
// In the warm pool.
constexpr bool pooled(Lifecycle s) {
  return s == Lifecycle::warmed_pending || s == Lifecycle::warmed_running ||
         s == Lifecycle::warmed_stopped;
}
// Counts towards desired.
constexpr bool counts(Lifecycle s) {
  return s == Lifecycle::pending || s == Lifecycle::pending_wait || s == Lifecycle::in_service;
}
// On its way into service.
constexpr bool coming(Lifecycle s) {
  return s == Lifecycle::pending || s == Lifecycle::pending_wait;
}

// A lifecycle hook of the wait that an instance is in.
struct HookFacts {
  std::string name;
  Time begun{};
  Time heartbeat{};  // the last sign that it is at work, or its begin
  std::optional<HookResult> result{};
};

struct InstanceFacts {
  std::string id;
  Lifecycle state = Lifecycle::pending;
  Cause cause = Cause::none;  // while terminating

  Time launched{};                       // when the record was made
  Time state_since{};                    // when `state` began: the begin of a drain
  std::optional<Time> started;           // when it was spawned; none while it waits for something
  std::optional<Time> in_service_since;  // first success of its health check
  std::optional<Time> unhealthy_since;   // active checks have failed since then
  std::optional<Time> stopping_since;    // a stop (SIGTERM) was asked for
  std::string waiting_for;               // why it cannot be spawned: "no free GPU"

  bool healthy = false;               // its health check passes now
  bool exited = false;                // the process is gone, or could not be spawned
  std::string exit_cause;             // "exit status 1", "signal 9"; empty: unknown (adopted)
  std::string last_log;               // its last lines, for people
  std::uint32_t in_flight = 0;        // requests on it now
  double remaining_work = 0;          // seconds, estimated; 0 is unknown: in_flight decides
  std::optional<double> cpu_percent;  // of what it may use
  std::optional<double> memory_percent;
  std::optional<double> gpu_percent;  // means over its devices
  std::optional<double> gpu_memory_percent;
  std::string zone;
  std::uint32_t version = 1;     // of the launch template
  std::uint32_t generation = 0;  // the number of the group's last refresh when it was launched
  bool adopted = false;          // was found running at weir's start
  bool from_pool = false;        // was in the warm pool: its start took no measure of a start
  std::vector<HookFacts> hooks;  // in a wait: those of its transition
  bool is_protected = false;  // from scale-in: only then; not from replacement, nor from its user

  std::string launch_template;     // of the group's mix; "" without one
  std::uint32_t weight = 1;        // units of capacity that it gives
  std::optional<Time> noticed_at;  // when its end was told, and when that comes
  std::optional<Time> ends_at;

  // Written by step(); what is here before is ignored.
  Cause outdated = Cause::none;  // refresh, lifetime, rebalance: another is to take its place
  LeavingOrder order;            // of a mix, for the termination policies
};

// A named policy that an alarm runs now.
struct Run {
  std::string policy;
  double distance = 0;   // the alarm's newest datapoint less its threshold
  Duration period{60s};  // of its datapoints: a policy acts once in it
  std::string reason;    // a clause in the past tense
};

// What the termination command has answered.
struct Choice {
  std::vector<std::string> instances;  // who may go, first who goes first
  std::string trouble;                 // why there is no answer; empty: there is one
};

struct GroupFacts {
  std::string name;
  // Everything the provider lists or a record names, until a `forget` action.
  std::vector<InstanceFacts> instances;

  // Sums over the attached target groups.
  std::uint32_t waiting = 0;    // requests in line
  std::uint32_t in_flight = 0;  // requests that hold a slot, draining endpoints included
  std::uint64_t arrivals = 0;   // so far
  std::optional<Time> last_arrival;
  std::uint32_t other_endpoints = 0;   // eligible endpoints that are not this group's (static ones)
  std::optional<std::uint32_t> slots;  // requests an endpoint takes at once; none: unlimited
  Duration deregistration_delay{0};    // the longest of the attached groups

  std::optional<std::uint32_t> room;  // instances that the provider could start now; none: unknown
  std::vector<Run> runs;
  bool choosing = false;                // the termination command is at work
  std::optional<Choice> choice;         // its answer, in one step
  std::optional<std::uint32_t> manual;  // `weir scale`: set in one step, as it was asked
  std::uint32_t version = 1;            // of the launch template, that is launched now
  std::vector<std::string> alarms;      // that are in alarm, by name
  Names zones_out;                      // that an operator has taken out

  std::vector<Pool> pools;  // of the mix's templates; `living` and `troubles` are step()'s
  // Its instances that are to give their devices to another group (sharing.h), in one step.
  std::vector<Yield> yields;

  // Written by step() for the policies; what is here before is ignored.
  std::uint32_t desired = 0;          // capacity expected: what serves, warms and starts
  std::uint32_t warm = 0;             // instances in service that count in metrics
  Time last_change{};                 // of desired, by anyone; or the begin of the group's life
  std::optional<Time> last_scaling;   // of desired, by the policies; since weir's start
  std::optional<Time> waiting_since;  // somebody has been in line at each look since then
  std::optional<Time> last_line;      // a standing line last made it grow

  const Outlook* outlook = nullptr;       // a forecast of its demand, where somebody makes one
  const Outlook* load_outlook = nullptr;  // the same of requests in flight, the waiting included
};

// In service, and past its warm-up: counts in metrics.
inline bool warm(const InstanceFacts& i, Duration warm_up, Time now) {
  return i.state == Lifecycle::in_service && !i.exited && i.in_service_since &&
         now - *i.in_service_since >= warm_up;
}

}  // namespace weir::scale
