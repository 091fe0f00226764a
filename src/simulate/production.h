// Production: a policy of src/scale in the world, looking at what it would look at in a running
// weir: facts, and series filled by sample() each second.
#pragma once

#include <cstdint>
#include <memory>

#include "scale/facts.h"
#include "scale/policy.h"
#include "scale/series.h"
#include "simulate/profile.h"
#include "simulate/world.h"

namespace weir::simulate {

// As the engine (scale/engine.h): nothing is taken away while somebody waits or something starts.
class Production final : public Scaler {
 public:
  // `forecast`: none, or what outlives this.
  explicit Production(std::unique_ptr<scale::Policy> policy, Profile* forecast = nullptr);

  std::optional<std::uint32_t> decide(const View& view) override;

 private:
  void fill(const View& view);
  void instances(const View& view);

  std::unique_ptr<scale::Policy> policy_;
  Profile* forecast_;
  scale::GroupFacts facts_;
  scale::Series series_;
  double arrivals_ = 0;
  bool first_ = true;
};

}  // namespace weir::simulate
