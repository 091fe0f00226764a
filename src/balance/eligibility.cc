#include "balance/eligibility.h"

#include "balance/slow_start.h"

namespace weir::balance {
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
  if (group.zones != ZoneRules{}) choose_zone(random);
}

// With fail open, zones are ignored too, so that what was shifted away serves if nobody else can.
void GroupView::choose_zone(Random& random) {
  const ZoneRules& rules = group_.zones;
  if (panic_) return;
  zones_ = ~rules.away;
  if (rules.cross == CrossZone::off && rules.own != 0) {
    zones_ &= 1u << rules.own;
    if (group_.load) open_zones_ = group_.load->zone_panic.load(std::memory_order_relaxed);
  }
  if (rules.cross != CrossZone::spill || rules.own == 0 || !group_.load) return;
  const auto& shares = group_.load->zone_shares;
  const std::uint32_t kept = shares[rules.own].load(std::memory_order_relaxed);
  auto drawn = static_cast<std::uint32_t>(random.below(65535));
  preferring_ = true;
  preferred_ = 1u << rules.own;
  if (drawn < kept) return;
  drawn -= kept;
  for (std::size_t i = 0; i < kZones; ++i) {
    if (i == rules.own) continue;
    const std::uint32_t share = shares[i].load(std::memory_order_relaxed);
    if (drawn < share) {
      preferred_ = 1u << i;
      return;
    }
    drawn -= share;
  }
  preferring_ = false;  // not known yet, or rounding
}

bool GroupView::available(EndpointIndex i) const {
  const Load& l = load(i);
  if (l.draining.load(std::memory_order_relaxed)) return false;
  const std::uint8_t zone = endpoint(i).zone_index;
  if (!(zones_ >> zone & 1)) return false;
  const bool open = panic_ || (open_zones_ >> zone & 1);
  if (checked_) {
    const Health health = l.health.load(std::memory_order_relaxed);
    if (health == Health::starting) return false;
    if (health == Health::unhealthy && !open) return false;
  }
  return open || l.ejected_until.load(std::memory_order_relaxed) <= now_;
}

double GroupView::share(EndpointIndex i) const {
  const std::int64_t since = load(i).in_service_since.load(std::memory_order_relaxed);
  const std::int64_t elapsed = now_ - since;
  if (since == 0 || elapsed >= slow_start_) return 1.0;
  const double passed = static_cast<double>(elapsed) / static_cast<double>(slow_start_);
  const TargetGroup& options = group_.options;
  return ramp_share(passed, options.slow_start_aggression, options.slow_start_min_share);
}

bool GroupView::passes_gate(EndpointIndex i) const {
  const double allowed = share(i);
  return allowed >= 1.0 || static_cast<double>(hash_mix(draw_, i) >> 11) * 0x1.0p-53 < allowed;
}

}  // namespace weir::balance
