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

Duration length_of(const Outlier& options, std::uint32_t in_a_row) {
  if (options.base_ejection >= options.max_ejection) return options.max_ejection;
  const auto most = static_cast<std::uint32_t>(std::min<std::int64_t>(
      options.max_ejection / std::max(options.base_ejection, Duration(1)), kMostFailures));
  return in_a_row > most ? options.max_ejection : options.base_ejection * in_a_row;
}

// Ejections in a row that still count after a good time since the last one ended.
std::uint32_t remembered(const Outlier& options, std::uint32_t in_a_row, Duration good) {
  while (in_a_row > 0) {
    const Duration step = std::max(length_of(options, in_a_row), Duration(1));
    if (good < step) break;
    good -= step;
    --in_a_row;
  }
  return in_a_row;
}

}  // namespace

std::uint32_t most_ejected(const Outlier& options, std::size_t size) {
  const double share = std::clamp(options.max_ejected_share, 0.0, 1.0);
  const auto most = static_cast<std::uint32_t>(share * static_cast<double>(size) + 1e-9);
  return size >= 2 ? std::max(1u, most) : most;
}

std::uint32_t count_ejected(Endpoints group, Time now) {
  return static_cast<std::uint32_t>(
      std::count_if(group.begin(), group.end(), [&](const auto& endpoint) {
        return endpoint->load->ejected_until.load() > ns(now);  // in order with the swap below
      }));
}

OutlierVerdict on_result(Load& load, const Outlier& options, bool failure, Time now,
                         Endpoints group) {
  if (!options.enabled) return {};
  if (!failure) {
    if (load.failures.load(std::memory_order_relaxed) != 0) {
      load.failures.store(0, std::memory_order_relaxed);
    }
    return {};
  }
  std::int64_t until = load.ejected_until.load(std::memory_order_relaxed);
  if (until > ns(now)) return {};
  const std::uint32_t failures = count_up(load.failures);
  if (failures < std::max(1u, options.consecutive_failures)) return {};
  const std::uint32_t most = most_ejected(options, group.size());
  if (count_ejected(group, now) >= most) return {};

  const std::uint32_t before = load.ejections.load(std::memory_order_relaxed);
  const std::uint32_t in_a_row =
      std::min(remembered(options, before, now - Time(Duration(until))) + 1, kMostFailures);
  const Duration length = length_of(options, in_a_row);
  if (!load.ejected_until.compare_exchange_strong(until, ns(now + length))) return {};
  if (count_ejected(group, now) > most) {  // another endpoint went at the same time
    load.ejected_until.store(until);
    return {};
  }
  load.ejections.store(static_cast<std::uint16_t>(in_a_row), std::memory_order_relaxed);
  load.failures.store(0, std::memory_order_relaxed);
  return {true, length, failures, in_a_row};
}

}  // namespace weir::judge
