#include "judge/outlier.h"

#include <algorithm>
#include <limits>

namespace weir::judge {
namespace {

constexpr std::uint32_t kMostFailures = std::numeric_limits<std::uint16_t>::max();

// Counts up to the most and stays there. The count with this one.
std::uint32_t count_up(std::atomic<std::uint16_t>& counter) {
  std::uint16_t before = counter.load(std::memory_order_relaxed);
  while (before < kMostFailures &&
         !counter.compare_exchange_weak(before, static_cast<std::uint16_t>(before + 1),
                                        std::memory_order_relaxed)) {
  }
  return std::min(before + 1u, kMostFailures);
}

}  // namespace

OutlierVerdict on_result(Load& load, const Outlier& options, bool failure, Time now,
                         Endpoints group) {
  if (!options.enabled) return {};
  if (!failure) {
    if (load.failures.load(std::memory_order_relaxed) != 0) {
      load.failures.store(0, std::memory_order_relaxed);
    }
    return {};
  }
  if (load.ejected_until.load(std::memory_order_relaxed) > ns(now)) return {};
  const std::uint32_t failures = count_up(load.failures);
  if (failures < std::max(1u, options.consecutive_failures)) return {};
  const Ejection done = eject(load, options, Ejected::failures, now, group);
  if (!done) return {};
  return {true, done.length, failures, done.in_a_row};
}

}  // namespace weir::judge
