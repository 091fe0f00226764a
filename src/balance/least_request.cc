// Least request: the eligible endpoint with the fewest requests in flight for its weight, counted
// over all workers and including those that are still connecting; ties fall at random.
#include "balance/candidates.h"
#include "balance/draft.h"

namespace weir::balance {
namespace {

class LeastRequest final : public Balancer {
 public:
  explicit LeastRequest(Random& random) : random_(random) {}

 private:
  std::optional<EndpointIndex> choose(const Ask&, const GroupView& group) override {
    Lowest lowest(random_);
    for_each_candidate(group, random_, [&](EndpointIndex i) {
      const std::uint32_t in_flight = group.load(i).in_flight.load(std::memory_order_relaxed);
      lowest.offer(i, crowding(group, i, in_flight));
    });
    return lowest.winner();
  }

  Random& random_;
};

}  // namespace

PlanResult least_request(const Draft&) { return std::make_shared<SimplePlan<LeastRequest>>(); }

}  // namespace weir::balance
