// The scaler's part in mixed instances, notices of their end, shared devices and cost.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/units.h"
#include "control/scaler.h"
#include "scale/bounds.h"

namespace weir::control {
namespace {

constexpr Duration kCostSaved = 60s;  // at least so often

}  // namespace

// ---------------------------------------------------------------- templates

const InstanceTemplate* Scaler::template_of(const Member& member) const {
  return scale::find_template(options_.mix, member.record.launch_template);
}

bool Scaler::is_spot(const Member& member) const {
  const InstanceTemplate* const of = template_of(member);
  return of ? of->spot : options_.spot && !options_.mix;
}

std::vector<scale::Pool> Scaler::pools(const fleet::Capacity& capacity) const {
  std::vector<scale::Pool> result;
  for (const InstanceTemplate& one : options_.mix->templates) {
    scale::Pool& pool = result.emplace_back();
    pool.room = capacity.ports_free;
    const std::uint32_t gpus = weir::launch_of(options_.launch, one.launch).gpus;
    if (gpus > 0 && capacity.devices_free) {
      pool.room = std::min(pool.room.value_or(~0u), *capacity.devices_free / gpus);
    }
    // Its machine is about to go: others first.
    const auto closing = closing_.find(one.name);
    const Time now = host_.reactor.clock().now();
    if (closing != closing_.end() && now < closing->second) pool.room = 0;
  }
  return result;
}

// ---------------------------------------------------------------- notices

bool Scaler::notice(Member& member, Duration in) {
  if (scale::leaving(member.record.state)) return false;
  const WallTime wall = host_.reactor.clock().wall();
  const bool known = member.record.ends_at != WallTime();
  if (known && member.record.ends_at <= wall + in) return false;
  if (!known) member.record.noticed_at = wall;
  member.record.ends_at = wall + in;
  LOG(warn, "instance ends soon", {"group", name_}, {"instance", member.record.id},
      {"in", weir::to_string(in)});
  tell(EventKind::spot, member, "ends in " + weir::to_string(in), "its machine is taken away");
  save(member);
  ask();
  return true;
}

std::size_t Scaler::interrupt(const std::string& instance, Duration in) {
  const auto found = members_.find(instance);
  return found != members_.end() && notice(found->second, in) ? 1 : 0;
}

std::size_t Scaler::interrupt_spot(const std::string& launch_template, Duration in) {
  std::size_t count = 0;
  for (auto& [id, member] : members_) {
    if (!launch_template.empty() && member.record.launch_template != launch_template) continue;
    if (is_spot(member) && notice(member, in)) ++count;
  }
  if (!launch_template.empty()) closing_[launch_template] = host_.reactor.clock().now() + in;
  return count;
}

// ---------------------------------------------------------------- shared devices

scale::Sharer Scaler::sharer() const {
  scale::Sharer facts;
  facts.name = name_;
  facts.options = options_.sharing;
  facts.min = scale::bounds(options_, policies_, host_.reactor.clock().wall()).min;
  std::optional<Time> last_arrival;
  for (const std::string& name : options_.target_groups) {
    const Group* group = host_.group(name);
    if (!group) continue;
    facts.waiting += group->load->waiting.load(std::memory_order_seq_cst);
    facts.waiting += group->load->resting.load(std::memory_order_relaxed);
    if (const auto last = group->load->last_arrival.load(std::memory_order_relaxed)) {
      last_arrival = std::max(last_arrival.value_or(Time()), Time(Duration(last)));
    }
  }
  for (const auto& [id, member] : members_) {
    if (member.exited) continue;
    const std::uint32_t weight = template_of(member) ? template_of(member)->weight : 1;
    const bool waits = scale::coming(member.record.state) && !member.started;
    const bool counts = scale::counts(member.record.state);
    if (counts && !waits) facts.capacity += weight;
    if (waits && member.waiting_since) {
      facts.wanted = std::max(facts.wanted, launch_of(member).gpus);
      facts.waiting_since = std::min(facts.waiting_since.value_or(kNever), *member.waiting_since);
    }
    if (member.devices.empty()) continue;
    scale::Holder& holder = facts.holders.emplace_back();
    holder.id = id;
    holder.devices = static_cast<std::uint32_t>(member.devices.size());
    holder.weight = weight;
    holder.leaving = scale::leaving(member.record.state);
    holder.is_protected = member.record.is_protected;
    if (member.record.state != scale::Lifecycle::in_service) continue;
    holder.up_since = member.in_service_since;
    bool busy = false;
    for (const Endpoint* endpoint : endpoints_of(member)) {
      busy = busy || endpoint->load->in_flight.load(std::memory_order_seq_cst) > 0;
    }
    if (busy || !member.idle_since) continue;
    // What came and went between two looks has been there, too.
    holder.idle_since = std::max(*member.idle_since, last_arrival.value_or(Time()));
  }
  return facts;
}

void Scaler::give_way(const scale::Yield& yield) {
  yields_.push_back(yield);
  ask();
}

void Scaler::start_waiting() {
  for (auto& [id, member] : members_) {
    if (!member.started && !member.launching && !member.exited && !member.waiting_for.empty() &&
        !scale::leaving(member.record.state)) {
      background_.spawn(spawn(id));
    }
  }
}

// ---------------------------------------------------------------- cost

void Scaler::look_at_cost() {
  std::map<std::string, std::uint32_t> count;
  for (const auto& [id, member] : members_) {
    if (member.started && !member.exited) ++count[member.record.launch_template];
  }
  const scale::Running before = record_.ledger.last;
  const Time now = host_.reactor.clock().now();
  scale::look(record_.ledger, scale::running(options_, count), host_.reactor.clock().wall());
  const bool due = !cost_saved_ || now >= *cost_saved_ + kCostSaved;
  if (!due && record_.ledger.last == before) return;
  cost_saved_ = now;
  host_.records.save(name_, record_);
}

CostStatus Scaler::cost() const {
  const scale::Ledger& ledger = record_.ledger;
  const scale::Spent fixed = scale::fixed_fleet(ledger);
  CostStatus status;
  status.per_hour = ledger.last.per_hour;
  status.instance_hours = ledger.total.instance_hours;
  status.money = ledger.total.money;
  status.today_instance_hours = ledger.today.instance_hours;
  status.today_money = ledger.today.money;
  status.peak_instances = ledger.peak.instances;
  status.peak_per_hour = ledger.peak.per_hour;
  status.fixed_instance_hours = fixed.instance_hours;
  status.fixed_money = fixed.money;
  status.saved_share = scale::saved_share(ledger);
  status.since = ledger.since;
  return status;
}

}  // namespace weir::control
