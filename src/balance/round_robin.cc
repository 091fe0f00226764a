// Round robin: each eligible endpoint in turn; weights are ignored. Workers start at random
// places, so that they do not march in step.
#include "balance/draft.h"

namespace weir::balance {
namespace {

class RoundRobin final : public Balancer {
 public:
  explicit RoundRobin(Random& random) : next_(static_cast<EndpointIndex>(random() >> 32)) {}

 private:
  std::optional<EndpointIndex> choose(const Ask&, const GroupView& group) override {
    const EndpointIndex size = group.size();
    if (size == 0) return std::nullopt;
    EndpointIndex i = next_ % size;
    for (EndpointIndex seen = 0; seen < size; ++seen) {
      const EndpointIndex after = i + 1 == size ? 0 : i + 1;
      if (group.eligible(i)) {
        // Behind the picked one, so that the neighbour of a dead endpoint gets no double share.
        next_ = after;
        return i;
      }
      i = after;
    }
    return std::nullopt;
  }

  EndpointIndex next_;
};

}  // namespace

PlanResult round_robin(const Draft&) { return std::make_shared<SimplePlan<RoundRobin>>(); }

}  // namespace weir::balance
