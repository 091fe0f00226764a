// search: which policy, target, minimum and maximum keep a goal over a trace at the least cost,
// found by replaying the trace with each. Pure; the same trace and scenario give the same answer.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "simulate/replay.h"

namespace weir::simulate {

struct Candidate {
  std::string name;  // of the kind: target_tracking, slo, fixed
  std::string what;  // its options in words
  std::vector<weir::Policy> policies;
  std::uint32_t min = 0, max = 0;
  Report report;
  // What it is to be cheap in: cost where there is a price, else instance-hours.
  double price() const { return report.cost.value_or(report.instance_hours); }
};

struct Recommendation {
  std::vector<Candidate> candidates;  // the best one first; those that keep the goal before others
  std::uint64_t replays = 0;
  bool found() const { return !candidates.empty() && candidates.front().report.met; }
};

// `scenario` has a goal. Minimum 0 is tried only where the group's own is 0. For each candidate the
// least minimum that keeps the goal is found by halving (more instances at the least never harm, or
// hardly), then a maximum that saves. `played` is told of each replay.
Result<Recommendation> recommend(const RequestTrace& trace, const Scenario& scenario,
                                 const std::function<void(const Candidate&)>& played);

// min, max and policies of the group, as YAML to paste.
std::string yaml_of(const std::string& group, const Candidate& candidate);

}  // namespace weir::simulate
