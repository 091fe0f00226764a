// Balancer: chooses an endpoint of a group for a request. Pure: no I/O, no clock of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "balance/eligibility.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "model/request_view.h"
#include "model/snapshot.h"

namespace weir::balance {

// What is known of the request.
struct Ask {
  std::uint64_t key = 0;  // hash of what the request should stick to (Plan::key)
};

// How a picked request ended.
struct Outcome {
  enum class Kind : std::uint8_t {
    success,    // a response that is not the endpoint's fault, to its end
    failure,    // 5xx, reset, timeout, connect failure
    cancelled,  // the client went away: says nothing about the endpoint
  };
  Kind kind = Kind::success;
  Duration latency{0};  // from taking the slot to the end of the response
};

// One instance serves one target group on one worker; no call is concurrent with another.
// What must be shared between workers lives in Load or in the plan.
class Balancer {
 public:
  virtual ~Balancer() = default;

  // The index of an eligible endpoint, or nothing when there is none. May be asked again for the
  // same request when the slot was lost to another worker. Endpoints that slow start would hold
  // back are taken when they are all there is.
  std::optional<EndpointIndex> pick(const Ask& ask, const GroupView& group) {
    if (group.preferring()) {
      // What hashes keeps to its key rather than to a zone.
      if (ask.key == 0) {
        if (const auto near = choose(ask, group)) return near;
      }
      return pick(ask, group.anywhere());
    }
    const auto picked = choose(ask, group);
    return picked || !group.gated() ? picked : choose(ask, group.ungated());
  }

  // Events of a picked request, in this order; progress any number of times.
  virtual void started(const Endpoint&, Time) {}
  virtual void first_byte(const Endpoint&, Time) {}
  virtual void progress(const Endpoint&, Time) {}
  virtual void finished(const Endpoint&, const Outcome&, Time) {}

 private:
  // An i with group.eligible(i), or nothing when there is none. Never compacts the list: rings and
  // tables index the whole group.
  virtual std::optional<EndpointIndex> choose(const Ask& ask, const GroupView& group) = 0;
};

// Made on the control side once per group and change: options checked, heavy tables built, state
// shared by the workers owned. Any thread.
class Plan : public PlanBase {
 public:
  // Each worker asks for its own; `random` outlives the balancer, the plan need not.
  virtual std::unique_ptr<Balancer> balancer(Random& random) const = 0;
  // What Ask::key is for this request; 0 where the algorithm does not hash.
  virtual std::uint64_t key(const RequestView&) const { return 0; }
};

// Unknown names and bad options are errors. `endpoints` must be those of the Group that the plan
// becomes part of, in the same order. `before` is the plan of the group's last version, from which
// learned state is taken over by EndpointId; may be null.
Result<std::shared_ptr<const Plan>> make_plan(
    const Algorithm& algorithm, std::span<const std::shared_ptr<const Endpoint>> endpoints,
    const std::shared_ptr<const PlanBase>& before);

// All names, sorted.
std::vector<std::string_view> algorithm_names();

}  // namespace weir::balance
