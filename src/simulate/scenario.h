// Scenario: what one replay is of: a scaling group of a configuration, its servers as a model, and
// who decides on their number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/desired.h"
#include "model/latency_goal.h"
#include "simulate/request.h"
#include "simulate/seat.h"

namespace weir::simulate {

struct Scenario {
  std::string name;   // of the configuration
  std::string group;  // the scaling group
  ScalingGroup scaling;
  TargetGroup target;  // the first one that it gives endpoints
  ServerModel model;
  bool modelled = false;              // the configuration says how it is to be played
  std::optional<std::uint32_t> room;  // instances that there are ports and devices for
  std::optional<LatencyGoal> goal;
  Duration skip{0};  // what comes before is played, and not judged
  std::uint64_t seed = 1;
  bool stretches = true;  // keep the course of things, for plots
  // In the place of the group's policies; null: they decide.
  const Reference* reference = nullptr;
  double reference_target = 0.7;  // utilisation

  // Requests that a server works on at once; 0: all of them.
  std::uint32_t slots() const;
};

// Of the group of that name, or of the only one. The goal is that of `simulation`, else that of an
// slo policy.
Result<Scenario> scenario_of(const Desired& desired, std::string name, const std::string& group);
// What an instance can do of this trace. Where a server works on all that comes, it counts as
// kSlots at once.
Ability ability_of(const Scenario& scenario, const RequestTrace& trace);
// Instances that the busiest minute keeps busy, at least one.
std::uint32_t peak_need(const Scenario& scenario, const RequestTrace& trace);

}  // namespace weir::simulate
