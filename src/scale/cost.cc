#include "scale/cost.h"

#include <algorithm>

#include "base/units.h"

namespace weir::scale {
namespace {

constexpr auto kDay = 24h;

double hours(Duration d) { return seconds(d) / 3600; }

void charge(Spent& spent, const Running& what, Duration time) {
  spent.instance_hours += what.instances * hours(time);
  spent.money += what.per_hour * hours(time);
}

}  // namespace

Running running(const ScalingGroup& options, const std::map<std::string, std::uint32_t>& count) {
  Running result;
  for (const auto& [name, n] : count) result.instances += n;
  if (!options.mix) {
    result.per_hour = result.instances * options.price;
    return result;
  }
  for (const InstanceTemplate& one : options.mix->templates) {
    const auto found = count.find(one.name);
    const std::uint32_t n = found == count.end() ? 0 : found->second;
    result.per_hour += std::max(n, one.reserved) * one.price;
  }
  return result;
}

void look(Ledger& ledger, const Running& now, WallTime at) {
  if (ledger.since == WallTime()) {
    ledger.since = ledger.at = at;
    ledger.day = at.time_since_epoch() / kDay;
  }
  while (ledger.at < at) {
    const WallTime midnight{(ledger.day + 1) * Duration(kDay)};
    const WallTime until = std::min(at, midnight);
    const Duration time = std::max(until - ledger.at, Duration(0));
    charge(ledger.total, ledger.last, time);
    charge(ledger.today, ledger.last, time);
    ledger.at = until;
    if (until < midnight) break;
    ++ledger.day;
    ledger.today = {};
  }
  ledger.last = now;
  ledger.peak.instances = std::max(ledger.peak.instances, now.instances);
  ledger.peak.per_hour = std::max(ledger.peak.per_hour, now.per_hour);
}

Spent fixed_fleet(const Ledger& ledger) {
  Spent spent;
  charge(spent, ledger.peak, ledger.at - ledger.since);
  return spent;
}

double saved_share(const Ledger& ledger) {
  const Spent fixed = fixed_fleet(ledger);
  if (fixed.money > 0) return 1 - ledger.total.money / fixed.money;
  if (fixed.instance_hours > 0) return 1 - ledger.total.instance_hours / fixed.instance_hours;
  return 0;
}

}  // namespace weir::scale
