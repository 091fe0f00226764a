// Meter: usage of an instance between two looks, in percent of what it may use.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "fleet/process/family.h"
#include "fleet/provider.h"

namespace weir::fleet {

class Meter {
 public:
  // `cpus` 0: percent of one core. `memory` 0: percent of the machine's.
  Meter(double cpus, std::uint64_t memory, Duration cpu_before, Time now)
      : cpus_(cpus > 0 ? cpus : 1), memory_(memory), cpu_(cpu_before), at_(now) {}

  // Looks closer together than 100 ms give the last value: ticks are coarse.
  Usage read(const Family::Use& use, Time now);

 private:
  double cpus_;
  std::uint64_t memory_;
  Duration cpu_;
  Time at_;
  double cpu_percent_ = 0;
};

}  // namespace weir::fleet
