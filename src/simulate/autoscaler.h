// Autoscaler: the brain of a scaling group in a replay: its policies, its series and its memory,
// run as control/scaler.cc runs them. In its place a reference (reference.h) may decide.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "scale/demand.h"
#include "scale/engine.h"

namespace weir::simulate {

// Not for several threads at once. The options outlive it.
class Autoscaler {
 public:
  // Bad options of a policy are an error; a checked configuration has none.
  static Result<std::unique_ptr<Autoscaler>> make(const ScalingGroup& options);

  // A request has been answered so many seconds after it came.
  void answered(double seconds) {
    if (needs_latency_) latencies_.push_back(seconds);
  }
  // At the begin of each second, before its step.
  void second(scale::Moment moment);
  scale::Step step(scale::GroupFacts facts, scale::Moment moment);
  // Somebody else says how many there should be, within the bounds; the next step obeys. What
  // changes is told as an activity.
  void set(std::uint32_t desired, const std::string& who, const std::string& group,
           scale::Moment moment, std::vector<scale::Activity>& activities);

 private:
  explicit Autoscaler(const ScalingGroup& options);

  const ScalingGroup& options_;
  const bool needs_latency_;
  std::vector<std::unique_ptr<scale::Policy>> policies_;
  scale::Series series_;
  scale::Memory memory_;
  std::unique_ptr<scale::Demand> demand_;
  std::vector<double> latencies_;  // since the last second
};

}  // namespace weir::simulate
