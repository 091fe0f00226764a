// For tests of this folder: a running monitor with one group, and what it told.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "health/monitor.h"
#include "health/test_server.h"

namespace weir::health {

class TestMonitor {
 public:
  struct Turn {
    EndpointId endpoint;
    Health before;
    Health now;
    std::string reason;
    Time at;
  };

  TestMonitor() {
    // Fast, so that tests are; each sets what it is about.
    options.health_check.interval = 40ms;
    options.health_check.timeout = 5s;
    monitor.start();
  }

  // The next version: these endpoints, with the options as they are.
  void show(std::vector<std::shared_ptr<Endpoint>> endpoints) {
    auto group = std::make_shared<Group>();
    group->id = GroupId{1};
    group->name = "models";
    group->options = options;
    group->endpoints.assign(endpoints.begin(), endpoints.end());
    group->load = load;
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->groups = {nullptr, group};
    monitor.update(snapshot);
  }

  std::vector<Turn> turns() const {
    const std::lock_guard lock(mutex_);
    return turns_;
  }
  std::size_t reliefs() const { return relieved_at().size(); }
  std::vector<Time> relieved_at() const {
    const std::lock_guard lock(mutex_);
    return relieved_at_;
  }
  std::uint64_t checks(const char* result) const;

  TargetGroup options;
  std::shared_ptr<GroupLoad> load = std::make_shared<GroupLoad>();
  observe::Registry registry;

 private:
  Hooks hooks() {
    Hooks result;
    result.turned = [this](const auto&, const Endpoint& endpoint, Health before, Health now,
                           const std::string& reason) {
      const std::lock_guard lock(mutex_);
      turns_.push_back(Turn{endpoint.id, before, now, reason, system_clock().now()});
    };
    result.relieved = [this](const auto&) {
      const std::lock_guard lock(mutex_);
      relieved_at_.push_back(system_clock().now());
    };
    return result;
  }

  mutable std::mutex mutex_;
  std::vector<Turn> turns_;
  std::vector<Time> relieved_at_;

 public:
  Monitor monitor{system_clock(), registry, 1, hooks()};
};

inline bool is(const std::shared_ptr<Endpoint>& endpoint, Health health) {
  return endpoint->load->health.load() == health;
}

}  // namespace weir::health
