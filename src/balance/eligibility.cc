#include "balance/eligibility.h"

namespace weir::balance {
namespace {

constexpr double kLeastShare = 0.1;  // as Envoy's min_weight_percent

}  // namespace

GroupView::GroupView(const Group& group, Time now, std::span<const EndpointId> tried,
                     Random& random)
    : group_(group),
      tried_(tried),
      now_(ns(now)),
      slow_start_(group.options.slow_start.count()),
      panic_(group.load && group.load->panic.load(std::memory_order_relaxed)),
      checked_(group.options.health_check.enabled),
      gated_(slow_start_ > 0) {
  if (gated_) draw_ = random();
}

bool GroupView::available(EndpointIndex i) const {
  const Load& l = load(i);
  if (l.draining.load(std::memory_order_relaxed)) return false;
  if (checked_) {
    const Health health = l.health.load(std::memory_order_relaxed);
    if (health == Health::starting) return false;
    if (health == Health::unhealthy && !panic_) return false;
  }
  return panic_ || l.ejected_until.load(std::memory_order_relaxed) <= now_;
}

double GroupView::share(EndpointIndex i) const {
  const std::int64_t since = load(i).in_service_since.load(std::memory_order_relaxed);
  const std::int64_t elapsed = now_ - since;
  if (since == 0 || elapsed >= slow_start_) return 1.0;
  return std::max(kLeastShare, static_cast<double>(elapsed) / static_cast<double>(slow_start_));
}

bool GroupView::passes_gate(EndpointIndex i) const {
  const double allowed = share(i);
  return allowed >= 1.0 || static_cast<double>(hash_mix(draw_, i) >> 11) * 0x1.0p-53 < allowed;
}

}  // namespace weir::balance
