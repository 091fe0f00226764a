// victim: which instances go when there are too many. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "scale/facts.h"

namespace weir::scale {

struct Victim {
  std::size_t index;   // into the instances given
  std::string reason;  // a phrase: "least remaining work, 0 requests in flight"
  bool serves = true;  // it is neither starting, nor unhealthy, nor to be replaced
  bool named = false;  // it is the first of `named` that may go
};

// `count` of the instances that are pending or in service, not protected and not told that they
// end, at most all of them.
// First who serves nobody: what cannot start, what is starting, what is unhealthy. Then what is
// to be replaced. Then, of the
// zone that has most (in service) among those that have one to give: who is named first, else by
// the termination policies (termination.h).
std::vector<Victim> choose_victims(std::span<const InstanceFacts> instances, std::size_t count,
                                   std::span<const std::string> policies, Time now,
                                   std::span<const std::string> named = {});

}  // namespace weir::scale
