// Random: each eligible endpoint with a chance in proportion to its weight. Draws from the sums
// of all weights and draws again what is not eligible; after a few misses, one pass over all.
#include <algorithm>

#include "balance/draft.h"

namespace weir::balance {
namespace {

constexpr int kDraws = 8;  // with half of the group eligible, a pass over all once in 256 picks

using Sums = std::vector<std::uint64_t>;  // of the weights up to and including each index

class RandomChoice final : public Balancer {
 public:
  RandomChoice(Random& random, std::shared_ptr<const Sums> sums)
      : random_(random), sums_(std::move(sums)) {}

 private:
  std::optional<EndpointIndex> choose(const Ask&, const GroupView& group) override {
    const std::uint64_t total = sums_->empty() ? 0 : sums_->back();
    for (int draw = 0; draw < kDraws && total > 0; ++draw) {
      const auto at = std::upper_bound(sums_->begin(), sums_->end(), random_.below(total));
      const auto i = static_cast<EndpointIndex>(at - sums_->begin());
      if (i < group.size() && group.eligible(i)) return i;
    }
    return among_all(group);
  }

  std::optional<EndpointIndex> among_all(const GroupView& group) {
    std::optional<EndpointIndex> winner;
    std::uint64_t sum = 0;
    for (EndpointIndex i = 0; i < group.size(); ++i) {
      if (!group.eligible(i)) continue;
      sum += group.weight(i);
      if (!winner || random_.below(sum) < group.weight(i)) winner = i;
    }
    return winner;
  }

  Random& random_;
  std::shared_ptr<const Sums> sums_;
};

class RandomPlan final : public Plan {
 public:
  explicit RandomPlan(const Draft& draft) {
    auto sums = std::make_shared<Sums>();
    std::uint64_t sum = 0;
    for (const auto& endpoint : draft.endpoints) sums->push_back(sum += endpoint->weight);
    sums_ = std::move(sums);
  }
  std::unique_ptr<Balancer> balancer(Random& random) const override {
    return std::make_unique<RandomChoice>(random, sums_);
  }

 private:
  std::shared_ptr<const Sums> sums_;
};

}  // namespace

PlanResult random(const Draft& draft) { return std::make_shared<RandomPlan>(draft); }

}  // namespace weir::balance
