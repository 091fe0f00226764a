// GroupView: a group as one pick sees it. Health, draining, ejection, free slots, slow start and
// what was tried before have already shaped eligible(i).
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "model/slots.h"
#include "model/snapshot.h"

namespace weir::balance {

using EndpointIndex = std::uint32_t;  // into Group::endpoints

// Lives on one worker, for one pick (or the few of one request). Counters are read as they are at
// each call; chance is drawn once, so that repeated calls for one endpoint agree.
class GroupView {
 public:
  // Health, ejection and slow start are those of `group.options` and its endpoints' Load.
  // `tried`: endpoints that this request must not be sent to again (few).
  GroupView(const Group& group, Time now, std::span<const EndpointId> tried, Random& random);

  const Group& group() const { return group_; }
  EndpointIndex size() const { return static_cast<EndpointIndex>(group_.endpoints.size()); }
  const Endpoint& endpoint(EndpointIndex i) const { return *group_.endpoints[i]; }
  const Load& load(EndpointIndex i) const { return *endpoint(i).load; }
  // As configured; slow start acts through eligible() and ramp().
  std::uint32_t weight(EndpointIndex i) const { return endpoint(i).weight; }
  Time now() const { return Time(Duration(now_)); }

  // May this request be sent to this endpoint now?
  bool eligible(EndpointIndex i) const {
    return available(i) && has_slot(i) && !was_tried(i) && (!gated_ || passes_gate(i)) &&
           (!preferring_ || (preferred_ >> endpoint(i).zone_index & 1));
  }
  // Fit for traffic in general: healthy (or the group fails open), not draining, not ejected, in a
  // zone that may take it.
  bool available(EndpointIndex i) const;
  // The share of its full traffic that slow start allows the endpoint: 0.1 to 1.
  double ramp(EndpointIndex i) const { return slow_start_ == 0 ? 1.0 : share(i); }

  // Does slow start hold some endpoints back by chance? Then those are eligible with the
  // probability ramp(i), and the ungated view tells what is left when that leaves nothing.
  bool gated() const { return gated_; }
  GroupView ungated() const {
    GroupView all = *this;
    all.gated_ = false;
    return all;
  }

  // Does this pick prefer a zone (cross_zone: spill)? The view from anywhere tells what is left
  // where that zone has nothing.
  bool preferring() const { return preferring_; }
  GroupView anywhere() const {
    GroupView all = *this;
    all.preferring_ = false;
    return all;
  }

 private:
  void choose_zone(Random& random);
  bool has_slot(EndpointIndex i) const {
    const std::uint32_t most = most_in_flight(group_.options, load(i));
    // In order with giving a slot back and looking for those that wait (proxy/room.h).
    return most == 0 || load(i).in_flight.load(std::memory_order_seq_cst) < most;
  }
  bool was_tried(EndpointIndex i) const {
    return !tried_.empty() &&
           std::find(tried_.begin(), tried_.end(), endpoint(i).id) != tried_.end();
  }
  bool passes_gate(EndpointIndex i) const;
  double share(EndpointIndex i) const;

  const Group& group_;
  std::span<const EndpointId> tried_;
  std::int64_t now_;               // ns
  std::int64_t slow_start_;        // ns; 0 is none
  std::uint64_t draw_ = 0;         // this view's chance
  std::uint32_t zones_ = ~0u;      // a bit for each that may take traffic
  std::uint32_t open_zones_ = 0;   // where health is ignored
  std::uint32_t preferred_ = ~0u;  // by this pick
  bool panic_;
  bool checked_;  // the group has health checks
  bool gated_;
  bool preferring_ = false;
};

}  // namespace weir::balance
