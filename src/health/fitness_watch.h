// FitnessWatch: keeps GroupLoad::panic of one group true to its endpoints, and notices when more of
// them can take traffic.
#pragma once

#include "base/clock.h"
#include "model/snapshot.h"

namespace weir::health {

// Lives on one thread. Ejections end by time alone, so it looks again and again.
class FitnessWatch {
 public:
  explicit FitnessWatch(Time now) : looked_(now) {}

  struct Seen {
    bool relief = false;  // an ejection ended, or panic began: those who wait may try
    bool panic_began = false;
    bool panic_ended = false;
    std::uint32_t healthy = 0;  // and not ejected
    std::uint32_t total = 0;    // that could take traffic
  };
  Seen look(const Group& group, Time now);

 private:
  Time looked_;
  bool panic_ = false;
};

}  // namespace weir::health
