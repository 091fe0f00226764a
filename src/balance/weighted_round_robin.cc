// Weighted round robin, smooth: as nginx does it (ngx_http_upstream_round_robin.c, 2012). Each
// pick every eligible endpoint gains its weight; the one with the most is taken and pays the sum.
// Weights 5, 1, 1 give a a b a c a a, not a a a a a b c. O(n) a pick.
#include "balance/draft.h"

namespace weir::balance {
namespace {

class WeightedRoundRobin final : public Balancer {
 public:
  explicit WeightedRoundRobin(Random& random) : random_(random) {}

 private:
  std::optional<EndpointIndex> choose(const Ask&, const GroupView& group) override {
    if (credit_.size() != group.size()) start(group);
    std::int64_t sum = 0;
    std::optional<EndpointIndex> best;
    for (EndpointIndex i = 0; i < group.size(); ++i) {
      if (!group.eligible(i)) continue;
      sum += group.weight(i);
      credit_[i] += group.weight(i);
      if (!best || credit_[i] > credit_[*best]) best = i;
    }
    if (best) credit_[*best] -= sum;
    return best;
  }

  // Random credits below one round: each worker begins somewhere else in the cycle. It costs an
  // endpoint at most one pick, once.
  void start(const GroupView& group) {
    std::uint64_t sum = 0;
    for (EndpointIndex i = 0; i < group.size(); ++i) sum += group.weight(i);
    credit_.assign(group.size(), 0);
    for (std::int64_t& credit : credit_) {
      credit = static_cast<std::int64_t>(random_.below(sum == 0 ? 1 : sum));
    }
  }

  Random& random_;
  std::vector<std::int64_t> credit_;  // by EndpointIndex
};

}  // namespace

PlanResult weighted_round_robin(const Draft&) {
  return std::make_shared<SimplePlan<WeightedRoundRobin>>();
}

}  // namespace weir::balance
