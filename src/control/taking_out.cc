// What an operator takes out by hand: static endpoints, whole zones.
#include <algorithm>
#include <set>

#include "base/log.h"
#include "base/units.h"
#include "control/control.h"

namespace weir::control {
namespace {

constexpr const char* kZoneShift = "zone_shift";
constexpr Duration kLongestShift = 24h * 30;

state::Change forgotten(const std::string& zone) {
  state::Change change;
  state::Key key;
  key.kind = kZoneShift;
  key.name = zone;
  change.remove.push_back(std::move(key));
  return change;
}

}  // namespace

// ---------------------------------------------------------------- endpoints

void Control::take_out(const Group& group, const std::shared_ptr<const Endpoint>& endpoint) {
  const std::string key = group.name + "/" + endpoint->address;
  const Time now = reactor_.clock().now();
  taken_out_.emplace(key, now);
  // At once, before the next snapshot: whoever is cut must not be followed by another.
  endpoint->load->draining.store(true, std::memory_order_seq_cst);
  const Duration delay = group.options.deregistration_delay;
  if (delay > 0s) {
    background_.spawn(cut_later(key, now, delay));
  } else {
    outside_.cut(endpoint);
  }
}

Task<> Control::cut_later(std::string key, Time since, Duration delay) {
  const net::Deadline over(since + delay, &closing_);
  const net::Io slept = co_await net::sleep(reactor_, over);
  if (slept == net::Io::cancelled) co_return;
  const auto known = taken_out_.find(key);
  if (known == taken_out_.end() || known->second != since) co_return;  // it came back meanwhile
  const auto slash = key.find('/');
  const auto endpoint = builder_.find(key.substr(0, slash), key.substr(slash + 1));
  if (!endpoint) co_return;
  const std::uint32_t left = endpoint->load->in_flight.load(std::memory_order_relaxed);
  if (left > 0) {
    LOG(warn, "deregistration delay over: requests are cut", {"endpoint", key}, {"requests", left});
  }
  outside_.cut(endpoint);
}

// ---------------------------------------------------------------- zones

Result<> Control::load_shifts() {
  TRY(const auto rows, records_.load_resources(kZoneShift));
  for (const state::Resource& row : rows) {
    if (const auto until = ZoneShifts::from_text(row.body)) shifts_.shift(row.key.name, *until);
  }
  shifts_.expire(reactor_.clock().wall());
  return {};
}

Task<Result<WallTime>> Control::shift_zone(std::string zone, Duration time) {
  if (time <= 0s || time > kLongestShift) {
    co_return fail(Code::invalid, "a shift lasts at least a moment and at most " +
                                      weir::to_string(kLongestShift) + ": for how long?");
  }
  std::string known;
  bool found = false;
  for (const ZoneStatus& one : zone_status()) {
    found = found || one.name == zone;
    known += (known.empty() ? "" : ", ") + one.name;
  }
  if (!found) {
    co_return fail(Code::not_found,
                   "no zone '" + zone + "'; " +
                       (known.empty() ? "no endpoint has a zone" : "there are " + known));
  }
  const WallTime until = reactor_.clock().wall() + time;
  state::Change change;
  state::Resource row;
  row.key.kind = kZoneShift;
  row.key.name = zone;
  row.body = ZoneShifts::to_text(until);
  row.origin = "weir";
  change.put.push_back(std::move(row));
  const auto stored = co_await records_.commit(std::move(change));
  if (!stored) co_return tl::unexpected(stored.error());
  shifts_.shift(zone, until);
  want_rebuild();
  co_return until;
}

Task<Result<>> Control::cancel_shift(std::string zone) {
  if (!shifts_.until(zone)) {
    co_return fail(Code::not_found, "zone '" + zone + "' is not shifted away");
  }
  state::Change change = forgotten(zone);
  const auto stored = co_await records_.commit(std::move(change));
  if (!stored) co_return tl::unexpected(stored.error());
  shifts_.cancel(zone);
  want_rebuild();
  co_return Result<>();
}

void Control::expire_shifts() {
  const auto over = shifts_.expire(reactor_.clock().wall());
  for (const std::string& zone : over) {
    LOG(info, "zonal shift over", {"zone", zone});
    records_.remove_later("the end of a zonal shift", forgotten(zone));
  }
  if (!over.empty()) want_rebuild();
}

std::vector<ZoneStatus> Control::zone_status() const {
  std::map<std::string, ZoneStatus> zones;
  if (!desired_.zone.empty()) zones[desired_.zone];
  for (const auto& [zone, until] : shifts_.all()) zones[zone].shifted_until = until;
  const std::size_t groups = snapshot_ ? snapshot_->groups.size() : 0;
  for (std::size_t i = 0; i < groups; ++i) {
    const auto& group = snapshot_->groups[i];
    if (!group) continue;
    for (const auto& endpoint : group->endpoints) {
      if (endpoint->zone.empty()) continue;
      ZoneStatus& zone = zones[endpoint->zone];
      ++zone.endpoints;
      const Health health = endpoint->load->health.load(std::memory_order_relaxed);
      if (health == Health::healthy) ++zone.healthy;
    }
  }
  std::vector<ZoneStatus> result;
  for (auto& [name, zone] : zones) {
    zone.name = name;
    zone.own = name == desired_.zone;
    result.push_back(std::move(zone));
  }
  return result;
}

}  // namespace weir::control
