// Peak EWMA: the lowest latency times (requests in flight + 1), after Finagle's p2c PeakEwma.
// The latency is an average over `decay` that jumps up at once to a slower response, is shared by
// all workers (Load::latency), and drifts away while nothing finishes, so that an endpoint once
// slow is tried again. An endpoint that nothing is known of gets one request at a time.
//
// Two things differ from Finagle. The drift ends at the lowest latency of the group instead of 0:
// else an endpoint that rested, or hangs, would look ever faster and take all traffic until its
// next response, which is far off where a request takes a minute. And a failed request never
// makes an endpoint look fast: it counts as slow (see `failed`), so that one that answers 500 at
// once draws no traffic.
#include <cmath>

#include "balance/candidates.h"
#include "balance/draft.h"

namespace weir::balance {
namespace {

constexpr double kUnknown = 1e9;         // cost of a second request to an unknown endpoint
constexpr double kFailureLeast = 0.1;    // seconds: what a failure doubles is at least this
constexpr double kFailureUnknown = 1.0;  // seconds: the first answer of an endpoint was a failure
constexpr double kFailureMost = 60.0;    // seconds: repeated failures raise it no further

class PeakEwma final : public Balancer {
 public:
  PeakEwma(Random& random, Duration decay) : random_(random), decay_(seconds(decay)) {}

  void finished(const Endpoint& endpoint, const Outcome& outcome, Time now) override {
    Load& load = *endpoint.load;
    const double sample = std::max(seconds(outcome.latency), 1e-9);  // 0 would mean unknown
    const double age =
        seconds(now - Time(Duration(load.latency_stamp.load(std::memory_order_relaxed))));
    const double kept = std::exp(-std::max(age, 0.0) / decay_);
    // The swap makes sure that a peak is not lost to another worker's update. The stamp is not
    // part of it: a reader between the two sees the average a little too young, for one pick.
    double before = load.latency.load(std::memory_order_relaxed);
    double after = before;
    do {
      after = average(before, before * kept, kept, sample, outcome.kind);
      if (after == before && outcome.kind == Outcome::Kind::cancelled) return;  // learned nothing
    } while (!load.latency.compare_exchange_weak(before, after, std::memory_order_relaxed));
    load.latency_stamp.store(ns(now), std::memory_order_relaxed);
  }

 private:
  struct Candidate {
    EndpointIndex index;
    std::uint32_t in_flight;
    double latency;
  };

  std::optional<EndpointIndex> choose(const Ask&, const GroupView& group) override {
    std::array<Candidate, kScanAll> candidates;
    std::size_t count = 0;
    double fastest = std::numeric_limits<double>::infinity();
    for_each_candidate(group, random_, [&](EndpointIndex i) {
      const Load& load = group.load(i);
      const double latency = load.latency.load(std::memory_order_relaxed);
      if (latency > 0) fastest = std::min(fastest, latency);
      candidates[count++] = {i, load.in_flight.load(std::memory_order_relaxed), latency};
    });

    Lowest lowest(random_);
    for (std::size_t c = 0; c < count; ++c) {
      const auto& [i, in_flight, latency] = candidates[c];
      if (latency > 0) {
        lowest.offer(i, drifted(group, i, latency, fastest) * crowding(group, i, in_flight));
      } else {
        lowest.offer(i, in_flight == 0 ? 0.0 : kUnknown + crowding(group, i, in_flight));
      }
    }
    return lowest.winner();
  }

  double drifted(const GroupView& group, EndpointIndex i, double latency, double fastest) const {
    if (latency <= fastest) return latency;
    const std::int64_t stamp = group.load(i).latency_stamp.load(std::memory_order_relaxed);
    const double age = seconds(group.now() - Time(Duration(stamp)));
    return age <= 0 ? latency : fastest + (latency - fastest) * std::exp(-age / decay_);
  }

  // `decayed` is the average as it stands, `kept` the part of it that stays beside a new sample.
  static double average(double before, double decayed, double kept, double sample,
                        Outcome::Kind kind) {
    switch (kind) {
      case Outcome::Kind::success:
        return sample > decayed ? sample : decayed * kept + sample * (1 - kept);
      case Outcome::Kind::failure:
        return failed(before, sample);
      case Outcome::Kind::cancelled:  // it would have taken at least this long
        return before > 0 ? std::max(before, sample) : before;
    }
    return before;
  }

  static double failed(double before, double sample) {
    if (before <= 0) return std::max(sample, kFailureUnknown);
    const double doubled = std::min(2 * std::max(before, kFailureLeast), kFailureMost);
    return std::max({before, sample, doubled});
  }

  Random& random_;
  double decay_;  // seconds
};

class PeakEwmaPlan final : public Plan {
 public:
  explicit PeakEwmaPlan(Duration decay) : decay_(decay) {}
  std::unique_ptr<Balancer> balancer(Random& random) const override {
    return std::make_unique<PeakEwma>(random, decay_);
  }

 private:
  Duration decay_;
};

}  // namespace

PlanResult peak_ewma(const Draft& draft) {
  if (draft.options.decay <= Duration(0)) return fail(Code::invalid, "decay must be above 0");
  return std::make_shared<PeakEwmaPlan>(draft.options.decay);
}

}  // namespace weir::balance
