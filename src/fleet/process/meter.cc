#include "fleet/process/meter.h"

#include <unistd.h>

#include <algorithm>

namespace weir::fleet {
namespace {

std::uint64_t machine_memory() {
  static const auto bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                            static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

Usage Meter::read(const Family::Use& use, Time now) {
  if (now - at_ >= 100ms) {
    cpu_percent_ = std::max(0.0, 100 * seconds(use.cpu - cpu_) / seconds(now - at_) / cpus_);
    cpu_ = use.cpu;
    at_ = now;
  }
  const double whole = static_cast<double>(memory_ > 0 ? memory_ : machine_memory());
  return {cpu_percent_, 100 * static_cast<double>(use.memory_bytes) / whole, use.memory_bytes};
}

}  // namespace weir::fleet
