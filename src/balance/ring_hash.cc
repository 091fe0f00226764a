// Ring hash: consistent hashing (Karger et al. 1997) with bounded loads (Mirrokni, Thorup and
// Zadimoghaddam 2018). A request goes to the first endpoint behind its key on the ring that holds
// less than balance_factor times its fair share of the requests in flight.
#include <algorithm>
#include <cmath>
#include <limits>

#include "balance/draft.h"
#include "balance/hash_key.h"
#include "balance/rendezvous.h"

namespace weir::balance {
namespace {

// A ring has at most this many points (8 MiB); beyond, all endpoints get fewer in proportion.
constexpr std::uint64_t kMostPoints = 1 << 20;
// Points looked at before rendezvous answers: bounds the walk where few endpoints are eligible.
constexpr std::size_t kWalk = 128;
// How long the sum of the available weights is believed; health moves in seconds.
constexpr Duration kBelieved = 10ms;

struct Ring {
  std::vector<std::uint64_t> points;  // position (upper half) and EndpointIndex, sorted
  std::vector<std::uint64_t> names;   // by EndpointIndex
  double balance_factor = 0;
};

Ring build_ring(const Draft& draft) {
  Ring ring;
  ring.names = address_hashes(draft.endpoints);
  ring.balance_factor = draft.options.balance_factor;
  std::uint64_t wanted = 0;
  for (const auto& endpoint : draft.endpoints) {
    wanted += std::uint64_t{draft.options.points} * endpoint->weight;
  }
  const double scale =
      wanted > kMostPoints ? static_cast<double>(kMostPoints) / static_cast<double>(wanted) : 1.0;
  for (std::size_t i = 0; i < draft.endpoints.size(); ++i) {
    const double exact = scale * draft.options.points * draft.endpoints[i]->weight;
    const auto count = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(exact));
    for (std::uint64_t p = 0; p < count; ++p) {
      ring.points.push_back((hash_mix(ring.names[i], p) & 0xffffffff00000000u) | i);
    }
  }
  std::sort(ring.points.begin(), ring.points.end());
  return ring;
}

class RingHash final : public Balancer {
 public:
  explicit RingHash(std::shared_ptr<const Ring> ring) : ring_(std::move(ring)) {}

 private:
  std::optional<EndpointIndex> choose(const Ask& ask, const GroupView& group) override {
    const auto& points = ring_->points;
    if (points.empty()) return std::nullopt;
    const double per_weight = room_per_weight(group);
    const auto fits = [&](EndpointIndex i) {
      return i < group.size() && group.eligible(i) && has_room(group, i, per_weight);
    };

    auto at = std::lower_bound(points.begin(), points.end(), ask.key & 0xffffffff00000000u);
    for (std::size_t step = 0; step < std::min(kWalk, points.size()); ++step, ++at) {
      if (at == points.end()) at = points.begin();
      const auto i = static_cast<EndpointIndex>(*at);
      if (fits(i)) return i;
    }
    if (const auto i = rendezvous(group, ask.key, ring_->names, fits)) return i;
    return rendezvous(group, ask.key, ring_->names,
                      [&](EndpointIndex i) { return group.eligible(i); });
  }

  static bool has_room(const GroupView& group, EndpointIndex i, double per_weight) {
    return group.load(i).in_flight.load(std::memory_order_relaxed) <
           std::ceil(per_weight * group.weight(i));
  }

  // Requests in flight that one unit of weight may hold.
  double room_per_weight(const GroupView& group) {
    if (ring_->balance_factor == 0) return std::numeric_limits<double>::infinity();
    if (group.now() >= believed_until_) {
      weight_ = 0;
      for (EndpointIndex i = 0; i < group.size(); ++i) {
        if (group.available(i)) weight_ += group.weight(i);
      }
      believed_until_ = group.now() + kBelieved;
    }
    const auto& load = group.group().load;
    const double in_flight = load ? load->in_flight.load(std::memory_order_relaxed) : 0;
    return ring_->balance_factor * (in_flight + 1) / std::max(weight_, 1.0);
  }

  std::shared_ptr<const Ring> ring_;
  double weight_ = 0;  // of the available endpoints
  Time believed_until_{};
};

class RingHashPlan final : public Plan {
 public:
  RingHashPlan(HashKey key, Ring ring)
      : key_(std::move(key)), ring_(std::make_shared<const Ring>(std::move(ring))) {}
  std::unique_ptr<Balancer> balancer(Random&) const override {
    return std::make_unique<RingHash>(ring_);
  }
  std::uint64_t key(const RequestView& request) const override { return key_.of(request); }

 private:
  HashKey key_;
  std::shared_ptr<const Ring> ring_;
};

}  // namespace

PlanResult ring_hash(const Draft& draft) {
  TRY(HashKey key, HashKey::parse(draft.options.key));
  if (draft.options.points == 0) return fail(Code::invalid, "points must be above 0");
  const double factor = draft.options.balance_factor;
  if (factor != 0 && !(factor >= 1)) {
    return fail(Code::invalid, "balance_factor must be 0 (unbounded) or at least 1");
  }
  return std::make_shared<RingHashPlan>(std::move(key), build_ring(draft));
}

}  // namespace weir::balance
