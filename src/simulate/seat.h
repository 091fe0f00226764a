// Seat: a reference (reference.h) in the place of weir's policies, in a replay. References think in
// instances of the fluid world (world.h: kSlots at once, kInstanceRate a second), so what they see
// is measured in those.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "simulate/reference.h"
#include "simulate/request.h"

namespace weir::simulate {

// What an instance of the replay can do.
struct Ability {
  double slots = 1;            // requests at once
  double service_seconds = 1;  // a mean request, with all slots in use
};

// None of this name: an error that lists what there is.
Result<const Reference*> reference_of(std::string_view name);

class Seat {
 public:
  // So far.
  struct Figures {
    std::uint64_t arrivals = 0;
    double slot_seconds = 0;  // of requests at servers
    std::uint32_t waiting = 0;
    std::uint32_t ready = 0;  // instances that serve now
    std::uint32_t total = 0;  // and those that start
  };

  // What is referred to outlives it, but for the trace.
  Seat(const Reference& reference, double target, const RequestTrace& trace, Ability ability,
       Duration start_time);

  // Each kStepSeconds: the instances that it wants; none: as many as there are.
  std::optional<std::uint32_t> look(const Figures& now);

 private:
  const Ability ability_;
  Trace trace_;                   // what references may know of the past
  std::vector<double> arrivals_;  // and of the future
  std::unique_ptr<Scaler> scaler_;
  std::deque<Batch> starting_;
  Figures before_;
  std::size_t step_ = 0;
};

}  // namespace weir::simulate
