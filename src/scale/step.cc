// Step scaling: while its alarm is on, the capacity changes by steps that depend on how far the
// metric is from the threshold, as EC2's step scaling policies (adjustment.h). An alarm that stays
// on is answered again each period, as CloudWatch does.
#include <utility>

#include "scale/adjustment.h"
#include "scale/policy.h"
#include "scale/watched.h"

namespace weir::scale {
namespace {

class Step final : public Policy {
 public:
  Step(const StepScaling& options, std::string name) : options_(options), name_(std::move(name)) {}

  std::string_view kind() const override { return "step"; }

  Decision decide(const GroupFacts& facts, const Series& series, Time now) const override {
    const Watched watched = watch(options_.alarm, name_, facts, series, now);
    if (!watched.alarm) return {std::nullopt, watched.reason, false};
    if (now - facts.last_change < watched.period) {
      return {facts.desired, watched.reason + ", answered in this period", false};
    }
    Staffing capacity;
    capacity.desired = facts.desired;
    capacity.warming = facts.desired - std::min(facts.desired, facts.warm);
    for (const InstanceFacts& i : facts.instances) {
      if (leaving(i.state) && !i.exited) ++capacity.terminating;
    }
    return {desired_by_step(options_, watched.distance, capacity), watched.reason, false};
  }

 private:
  const StepScaling options_;
  const std::string name_;
};

}  // namespace

Result<std::unique_ptr<Policy>> step(const weir::Policy& options) {
  return std::make_unique<Step>(*options.step, options.name);
}

}  // namespace weir::scale
