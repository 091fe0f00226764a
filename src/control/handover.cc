// Control: how one weir hands over to the next, both sides.
#include "control/handover.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "control/control.h"

namespace weir::control {
namespace {

constexpr Duration kStoreAgain = 100ms;

}  // namespace

// ---------------------------------------------------------------- the earlier one

// Changes wait in line until take_back() or succeeded(); what is being started is waited for.
Task<> Control::let_go() {
  auto turn = turns_.take();
  co_await turn;
  handing_over_ = true;
  for (auto& [name, one] : scalers_) co_await one->stop();
  if (provider_) co_await provider_->stop();
  // Whoever still holds one of them finds it stopped.
  for (auto& [name, one] : scalers_) retired_scalers_.push_back(std::move(one));
  scalers_.clear();
  retired_providers_.push_back(std::move(provider_));
  records_.close();
}

Task<> Control::take_back() {
  // A successor that is just dying may have it still.
  while (true) {
    const auto open = records_.reopen(desired_.state.path);
    if (open) break;
    LOG(warn, "the state store is not free yet", {"error", open.error().message});
    const net::Deadline next(reactor_.clock().now() + kStoreAgain, &closing_);
    const net::Io slept = co_await net::sleep(reactor_, next);
    if (slept == net::Io::cancelled) co_return;
  }
  if (const auto fleet = start_fleet(); !fleet) {
    LOG(error, "instances not taken back", {"error", fleet.error().message});
  }
  handing_over_ = false;
  update_scalers();
  rebuild();
  turns_.pass();
}

void Control::succeeded() {
  succeeded_ = draining_ = true;
  turns_.pass();
}

std::vector<EndpointMemory> Control::memories() const {
  std::vector<EndpointMemory> result;
  if (!snapshot_) return result;
  for (const auto& group : snapshot_->groups) {
    if (!group) continue;
    for (const auto& endpoint : group->endpoints) {
      const Load& load = *endpoint->load;
      EndpointMemory one;
      one.group = group->name;
      one.address = endpoint->address;
      one.instance = !endpoint->instance.empty();
      one.healthy = load.health.load(std::memory_order_relaxed) == Health::healthy;
      one.draining = load.draining.load(std::memory_order_relaxed);
      one.in_flight = load.in_flight.load(std::memory_order_seq_cst);
      one.in_service_since = load.in_service_since.load(std::memory_order_relaxed);
      one.ejected_until = load.ejected_until.load(std::memory_order_relaxed);
      one.latency = load.latency.load(std::memory_order_relaxed);
      one.latency_stamp = load.latency_stamp.load(std::memory_order_relaxed);
      result.push_back(std::move(one));
    }
  }
  return result;
}

// ---------------------------------------------------------------- the next one

void Control::hold(const std::vector<EndpointMemory>& endpoints) {
  held_ = true;
  for (const EndpointMemory& one : endpoints) {
    if (one.draining && !one.instance)
      taken_out_.emplace(one.group + "/" + one.address, reactor_.clock().now());
    expected_[{one.group, one.address}] = one;
  }
  builder_.on_new = [this](const std::string& group, const Endpoint& endpoint) {
    const auto known = expected_.find({group, endpoint.address});
    if (known == expected_.end() || known->second.instance == endpoint.instance.empty()) return;
    const EndpointMemory& memory = known->second;
    Load& load = *endpoint.load;
    // A check decides at once whether that still holds.
    if (memory.healthy) load.health.store(Health::healthy, std::memory_order_relaxed);
    load.in_service_since.store(memory.in_service_since, std::memory_order_relaxed);
    load.ejected_until.store(memory.ejected_until, std::memory_order_relaxed);
    load.latency.store(memory.latency, std::memory_order_relaxed);
    load.latency_stamp.store(memory.latency_stamp, std::memory_order_relaxed);
  };
}

// Names take a moment to be resolved.
bool Control::caught_up() const {
  return std::all_of(expected_.begin(), expected_.end(), [this](const auto& row) {
    const auto& [group, address] = row.first;
    return row.second.instance || !row.second.healthy || !desired_.target_groups.contains(group) ||
           builder_.find(group, address);
  });
}

void Control::release() {
  builder_.on_new = nullptr;
  held_ = false;
  std::vector<EndpointMemory> first;
  for (auto& [key, memory] : expected_) first.push_back(memory);
  expected_.clear();
  share(first);
  listeners_.drop_inherited();
  rebuild();
  for (auto& [name, one] : scalers_) one->ask();
}

void Control::share(const std::vector<EndpointMemory>& of_another) {
  if (!snapshot_) return;
  std::vector<ForeignCount> counts;
  for (const EndpointMemory& one : of_another) {
    counts.push_back(ForeignCount{one.group, one.address, one.in_flight});
  }
  for (const std::string& name : foreign_.set(*snapshot_, counts)) {
    endpoint_changed(name);
    const Group* known = group(name);
    if (known && outside_.relieved) outside_.relieved(*known);
  }
}

}  // namespace weir::control
