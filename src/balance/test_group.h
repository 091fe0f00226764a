// TestGroup: a target group with its counters, time and chance, for tests and benchmarks.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "balance/balancer.h"
#include "base/check.h"

namespace weir::balance {

class TestGroup {
 public:
  // All endpoints healthy and idle. Weights and options may be changed until the first pick.
  explicit TestGroup(std::size_t size, Algorithm options = {}, std::uint64_t seed = 1)
      : random(seed) {
    group.options.algorithm = std::move(options);
    group.load = std::make_shared<GroupLoad>();
    for (std::size_t i = 0; i < size; ++i) add();
  }

  void add() {
    const std::uint64_t id = next_id_++;
    auto endpoint = std::make_shared<Endpoint>();
    endpoint->id = {id};
    endpoint->address = fmt::format("10.0.{}.{}:8000", id / 250, id % 250);
    endpoint->load = std::make_shared<Load>();
    endpoint->load->health = Health::healthy;
    endpoints.push_back(endpoint);
    group.endpoints.push_back(std::move(endpoint));
  }

  // The group's plan as it stands now, and a new balancer of it.
  void plan() {
    auto made = make_plan(group.options.algorithm, group.endpoints, group.plan);
    CHECK(made);
    plan_ = *made;
    group.plan = plan_;
    balancer_ = plan_->balancer(random);
  }
  Balancer& balancer() {
    if (!balancer_) plan();
    return *balancer_;
  }
  const Plan& current_plan() {
    balancer();
    return *plan_;
  }

  Load& load(std::size_t i) { return *endpoints[i]->load; }
  GroupView view(std::span<const EndpointId> tried = {}) {
    return GroupView(group, clock.now(), tried, random);
  }
  std::optional<EndpointIndex> pick(std::uint64_t key = 0) {
    Balancer& b = balancer();
    return b.pick(Ask{key}, view());
  }
  // A pick that takes its slot; the request then is in flight until finish().
  std::optional<EndpointIndex> start(std::uint64_t key = 0) {
    const auto i = pick(key);
    if (i) {
      ++load(*i).in_flight;
      ++group.load->in_flight;
      balancer().started(*endpoints[*i], clock.now());
    }
    return i;
  }
  void finish(EndpointIndex i, Outcome outcome) {
    --load(i).in_flight;
    --group.load->in_flight;
    balancer().finished(*endpoints[i], outcome, clock.now());
  }
  // How often each endpoint is picked when keys run over 0, 1, 2... hashed and nothing stays.
  std::vector<int> shares(int picks) {
    std::vector<int> counts(endpoints.size(), 0);
    for (int n = 0; n < picks; ++n) {
      if (const auto i = pick(hash_mix(17, static_cast<std::uint64_t>(n)))) ++counts[*i];
    }
    return counts;
  }

  Group group;
  std::vector<std::shared_ptr<Endpoint>> endpoints;  // those of the group, to be changed
  ManualClock clock;
  Random random;

 private:
  std::uint64_t next_id_ = 1;
  std::shared_ptr<const Plan> plan_;
  std::unique_ptr<Balancer> balancer_;
};

inline Algorithm algorithm(std::string_view name) {
  Algorithm options;
  options.name = name;
  return options;
}

}  // namespace weir::balance
