// Draft: what an algorithm's row makes its plan of. For the .cc files of this folder.
#pragma once

#include <memory>
#include <span>

#include "balance/balancer.h"

namespace weir::balance {

struct Draft {
  const Algorithm& options;
  std::span<const std::shared_ptr<const Endpoint>> endpoints;
  const std::shared_ptr<const PlanBase>& before;  // may be null
};

using PlanResult = Result<std::shared_ptr<const Plan>>;

// The plan of an algorithm whose balancers need nothing but a Random.
template <class B>
class SimplePlan final : public Plan {
 public:
  std::unique_ptr<Balancer> balancer(Random& random) const override {
    return std::make_unique<B>(random);
  }
};

}  // namespace weir::balance
