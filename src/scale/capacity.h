// Capacity: what one endpoint can serve within a bound on latency, learned from what it serves.
//
// Where an endpoint's slots are known, it is slots over the time that a request takes (Little
// 1961), which is seen whenever nobody waits. At the begin of a rise, when few have ended, it looks
// too short: what is completed while somebody always waits corrects it, where it is much longer.
// Where they are not,
// it is what endpoints complete while requests are late; and until that was seen, a quarter more
// than the most that they have completed in time.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "scale/learned.h"
#include "scale/series.h"

namespace weir::scale {

// Lives on one thread.
class Capacity {
 public:
  // `percentile`: of requests that should be within `bound`, above 0 and below 1.
  Capacity(Duration bound, double percentile) : bound_(seconds(bound)), percentile_(percentile) {}

  void observe(const Series& series, std::optional<std::uint32_t> slots, Time now);

  // What is known, as a row "capacity"; and back.
  void keep(Learned& learned) const;
  void restore(const Learned& learned);

  // Requests per second and endpoint; nothing before any was seen.
  std::optional<double> rate() const;
  // Seconds that a request may wait in line and still be within the bound; at least a tenth of it.
  double wait() const;
  // Requests of the last seconds were beyond the bound.
  bool late() const { return late_; }

 private:
  const double bound_;
  const double percentile_;
  std::optional<std::uint32_t> slots_;
  double service_ = 0;       // seconds of a request that does not wait
  double most_in_time_ = 0;  // per second and endpoint
  std::optional<double> while_late_;
  bool late_ = false;
};

}  // namespace weir::scale
