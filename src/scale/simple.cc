// Simple scaling: while its alarm is on, one change of capacity at a time, as EC2's simple scaling
// policies: the next one waits until the last has ended, and then for a cooldown ("Scaling
// cooldowns for Amazon EC2 Auto Scaling"; it begins when the last instance has started or ended).
#include <algorithm>
#include <utility>

#include "scale/adjustment.h"
#include "scale/policy.h"
#include "scale/watched.h"

namespace weir::scale {
namespace {

class Simple final : public Policy {
 public:
  Simple(const SimpleScaling& options, std::string name)
      : options_(options), name_(std::move(name)) {}

  std::string_view kind() const override { return "simple"; }

  Decision decide(const GroupFacts& facts, const Series& series, Time now) const override {
    const Watched watched = watch(options_.alarm, name_, facts, series, now);
    if (!watched.alarm) return {std::nullopt, watched.reason, false};
    auto since = facts.last_scaling;
    for (const InstanceFacts& i : facts.instances) {
      if (i.exited) continue;
      if (coming(i.state) || leaving(i.state)) {
        return {facts.desired, watched.reason + ", and the last change was not over", false};
      }
      if (since && i.in_service_since) since = std::max(*since, *i.in_service_since);
    }
    if (since && now - *since < options_.cooldown) {
      return {facts.desired, watched.reason + ", in cooldown", false};
    }
    return {desired_by(options_, facts.desired), watched.reason, false};
  }

 private:
  const SimpleScaling options_;
  const std::string name_;
};

}  // namespace

Result<std::unique_ptr<Policy>> simple(const weir::Policy& options) {
  return std::make_unique<Simple>(*options.simple, options.name);
}

}  // namespace weir::scale
