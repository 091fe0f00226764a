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
  std::string reason;  // a phrase: "least remaining work (0 requests in flight)"
};

// `count` of the instances that are pending or in service, at most all of them. First who serves
// nobody: what cannot start, what is starting, what is unhealthy. Then from the zone that has most
// (in service), the one with the least remaining work; of equals the older launch template, then
// the youngest instance, whose cache is worth least.
std::vector<Victim> choose_victims(std::span<const InstanceFacts> instances, std::size_t count);

}  // namespace weir::scale
