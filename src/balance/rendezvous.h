// Rendezvous: highest random weight hashing (Thaler and Ravishankar 1996, weighted as Schindelhauer
// and Schomaker 2005). Looks at every endpoint, so it serves the hashing algorithms as the last
// resort: where their table's first answers are not eligible, it finds the one that is.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "balance/eligibility.h"
#include "base/hash.h"

namespace weir::balance {

// The endpoint that `key` ranks highest among those that `fits(i)`. `names` holds one hash for
// each endpoint, of its address. A key moves only if its own endpoint stops to fit.
template <class Fits>
std::optional<EndpointIndex> rendezvous(const GroupView& group, std::uint64_t key,
                                        std::span<const std::uint64_t> names, Fits fits) {
  std::optional<EndpointIndex> winner;
  double best = 0;
  for (EndpointIndex i = 0; i < group.size() && i < names.size(); ++i) {
    if (!fits(i)) continue;
    const double unit = (static_cast<double>(hash_mix(key, names[i]) >> 11) + 0.5) * 0x1.0p-53;
    const double score = group.weight(i) / -std::log(unit);
    if (!winner || score > best) {
      winner = i;
      best = score;
    }
  }
  return winner;
}

// One hash for each endpoint: of its address, which all weirs and all restarts agree on.
inline std::vector<std::uint64_t> address_hashes(
    std::span<const std::shared_ptr<const Endpoint>> endpoints) {
  std::vector<std::uint64_t> names;
  names.reserve(endpoints.size());
  for (const auto& endpoint : endpoints) names.push_back(hash(endpoint->address));
  return names;
}

}  // namespace weir::balance
