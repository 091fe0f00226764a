// CPU time of processes and of the machine, from /proc.
#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace weir::bench {

// Running totals; only differences mean something.
struct CpuTimes {
  Time taken;
  double proxy = 0;  // seconds of all threads of the processes asked for (schedstat: exact)
  double user = 0;   // of these, by the clock tick: 10 ms
  double system = 0;
  double own = 0;      // of this process
  double machine = 0;  // of everybody, and stolen
  double stolen = 0;   // by the hypervisor
};

CpuTimes read_cpu_times(const Clock& clock, const std::vector<int>& pids);
CpuTimes operator-(const CpuTimes& end, const CpuTimes& start);  // `taken` is the end's

}  // namespace weir::bench
