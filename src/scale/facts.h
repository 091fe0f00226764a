// Facts: a scaling group as one decision sees it. Plain values, gathered by whoever runs the group.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "scale/outlook.h"

namespace weir::scale {

// EC2 Auto Scaling's states. Those of hooks, standby and warm pools come with them.
enum class Lifecycle : std::uint8_t {
  pending,      // being started: no traffic yet
  in_service,   // was healthy once: takes traffic
  terminating,  // out of the eligible set; drains, then is stopped
};

// Why an instance is terminating: decides how long it may drain.
enum class Cause : std::uint8_t {
  none,
  scale_in,      // voluntary: waits for its last stream (ScalingGroup::drain_limit, default none)
  unhealthy,     // bounded by deregistration_delay
  failed_start,  // never took traffic: not drained
  user,          // an operator drained it: bounded by deregistration_delay
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
  std::string zone;
  std::uint32_t version = 1;  // of the launch template
  bool adopted = false;       // was found running at weir's start
  bool is_protected = false;  // from scale-in: only then; not from replacement, nor from its user
};

// A named policy that an alarm runs now.
struct Run {
  std::string policy;
  double distance = 0;   // the alarm's newest datapoint less its threshold
  Duration period{60s};  // of its datapoints: a policy acts once in it
  std::string reason;    // a clause in the past tense
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
  std::optional<std::uint32_t> manual;  // `weir scale`: set in one step, as it was asked

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
