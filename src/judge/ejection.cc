#include "judge/ejection.h"

#include <algorithm>
#include <limits>

namespace weir::judge {
namespace {

constexpr std::uint32_t kMostInARow = std::numeric_limits<std::uint16_t>::max();

Duration length_of(const Outlier& options, std::uint32_t in_a_row) {
  if (options.base_ejection >= options.max_ejection) return options.max_ejection;
  const auto most = static_cast<std::uint32_t>(std::min<std::int64_t>(
      options.max_ejection / std::max(options.base_ejection, Duration(1)), kMostInARow));
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

Ejection eject(Load& load, const Outlier& options, Ejected why, Time now, Endpoints group) {
  std::int64_t until = load.ejected_until.load(std::memory_order_relaxed);
  if (until > ns(now)) return {};
  const std::uint32_t most = most_ejected(options, group.size());
  if (count_ejected(group, now) >= most) return {};

  const std::uint32_t before = load.ejections.load(std::memory_order_relaxed);
  const std::uint32_t in_a_row =
      std::min(remembered(options, before, now - Time(Duration(until))) + 1, kMostInARow);
  const Duration length = length_of(options, in_a_row);
  if (!load.ejected_until.compare_exchange_strong(until, ns(now + length))) return {};
  if (count_ejected(group, now) > most) {  // another endpoint went at the same time
    load.ejected_until.store(until);
    return {};
  }
  load.ejections.store(static_cast<std::uint16_t>(in_a_row), std::memory_order_relaxed);
  load.failures.store(0, std::memory_order_relaxed);
  load.ejected_for.store(why, std::memory_order_relaxed);
  return {true, length, in_a_row};
}

std::string_view name_of(Ejected why) {
  switch (why) {
    case Ejected::failures:
      return "failures";
    case Ejected::success_rate:
      return "success_rate";
    case Ejected::latency:
      return "latency";
    case Ejected::hung:
      return "hung";
  }
  return "";
}

std::string_view phrase_of(Ejected why) {
  switch (why) {
    case Ejected::failures:
      return "failed in traffic";
    case Ejected::success_rate:
      return "failed more often than the others";
    case Ejected::latency:
      return "far slower than the others";
    case Ejected::hung:
      return "fell silent with requests at it";
  }
  return "";
}

}  // namespace weir::judge
