// For tests: a data plane on loopback with a configuration made by hand.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "balance/balancer.h"
#include "balance/sticky.h"
#include "net/datagram.h"
#include "proxy/data_plane.h"
#include "proxy/metrics.h"
#include "proxy/test_peer.h"
#include "route/table.h"

namespace weir::proxy {

inline const char kGet[] = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
inline const char kOk[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
inline const char kOkHead[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";

inline std::string post(std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

class TestPlane {
 public:
  using Endpoints = std::vector<std::shared_ptr<const Endpoint>>;

  explicit TestPlane(std::uint32_t workers = 1, Hooks hooks = {})
      : workers_(workers),
        plane(system_clock(), registry, DataPlane::Options{workers, std::move(hooks), nullptr}) {
    plane.start();
  }
  ~TestPlane() { plane.stop(); }

  std::shared_ptr<Endpoint> endpoint(const std::string& address) {
    auto made = std::make_shared<Endpoint>();
    made->id = EndpointId{next_id_++};
    made->slot = next_slot_++;
    made->address = address;
    made->load = std::make_shared<Load>();
    made->load->health = Health::healthy;
    endpoints_.push_back(made);
    return made;
  }

  // The next version of a group.
  const Group& set_group(const std::string& name, TargetGroup options, Endpoints endpoints,
                         bool scalable = false) {
    const auto before = groups_[name];
    auto group = std::make_shared<Group>();
    group->name = name;
    options.algorithm.name = "round_robin";
    group->options = std::move(options);
    group->endpoints = std::move(endpoints);
    group->scalable = scalable;
    group->id = before ? before->id : GroupId{next_id_++};
    group->slot = before ? before->slot : next_group_slot_++;
    group->load = before ? before->load : std::make_shared<GroupLoad>();
    if (before && before->endpoints == group->endpoints) {
      group->plan = before->plan;
    } else {
      group->plan = balance::make_plan(group->options.algorithm, group->endpoints,
                                       before ? before->plan : nullptr)
                        .value();
    }
    group->sticky = balance::Sticky::make(group->options.stickiness, name, group->endpoints, {});
    groups_[name] = group;
    loads_.push_back(group->load);
    return *group;
  }
  void remove_group(const std::string& name) {
    for (const auto& endpoint : groups_.at(name)->endpoints) endpoint->load->draining = true;
    groups_.erase(name);
  }
  const Group& group(const std::string& name) { return *groups_.at(name); }

  // Opened once, with `sockets` descriptors.
  void set_listener(const std::string& name, Listener options, std::size_t sockets = 1) {
    auto listener = std::make_shared<BoundListener>();
    listener->name = name;
    listener->options = std::move(options);
    listener->matcher = route::Table::build(listener->options);
    const bool datagrams = listener->options.protocol == "udp";
    listeners_[name] = std::move(listener);
    if (sockets_.contains(name)) return;
    auto address = net::parse_address("127.0.0.1:0").value();
    for (std::size_t i = 0; i < sockets; ++i) {
      sockets_[name].push_back(datagrams ? net::bind_datagrams(address, sockets > 1).value()
                                         : net::listen_on(address, sockets > 1).value());
      address = net::local_address(sockets_[name].front().get());
    }
  }
  // All of it goes to one group.
  void set_listener(const std::string& name, const std::string& group, std::size_t sockets = 1) {
    Listener options;
    options.default_action = Forward{{Forward::Share{group, 1}}};
    set_listener(name, std::move(options), sockets);
  }
  // Its descriptors stay open until the next publish is through.
  void remove_listener(const std::string& name) {
    listeners_.erase(name);
    stale_.push_back(sockets_.extract(name));
  }
  void rename_listener(const std::string& from, const std::string& to) {
    set_listener(to, listeners_.at(from)->options);
    sockets_[to] = std::move(sockets_.at(from));
    sockets_.erase(from);
    listeners_.erase(from);
  }

  // Returns when every worker has taken it over.
  void publish() {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->version = ++version_;
    snapshot->groups.resize(next_group_slot_);
    for (const auto& [name, group] : groups_) {
      if (group) snapshot->groups[group->slot] = group;
    }
    std::vector<ListenerSockets> sockets;
    for (const auto& [name, listener] : listeners_) {
      snapshot->listeners.push_back(listener);
      ListenerSockets row{name, {}, port(name)};
      for (const net::Fd& fd : sockets_.at(name)) row.fds.push_back(fd.get());
      sockets.push_back(std::move(row));
    }
    std::atomic<bool> through{false};
    plane.publish(snapshot, sockets, [&through] { through = true; });
    ASSERT_TRUE(eventually([&] { return through.load(); }));
    stale_.clear();
  }

  std::uint16_t port(const std::string& listener) const {
    return net::local_address(sockets_.at(listener).front().get()).port();
  }
  net::Address address(const std::string& listener) const {
    return net::local_address(sockets_.at(listener).front().get());
  }
  TestPeer connect(const std::string& listener = "web") const {
    return TestPeer::connect(net::local_address(sockets_.at(listener).front().get()));
  }

  std::size_t connections() {
    std::atomic<std::size_t> count{0};
    std::atomic<bool> counted{false};
    plane.count_connections([&](std::size_t n) {
      count = n;
      counted = true;
    });
    EXPECT_TRUE(eventually([&] { return counted.load(); }));
    return count;
  }

  // Whatever happened, nothing is held any more.
  testing::AssertionResult settled() {
    const auto zero = [&] {
      for (const auto& load : loads_) {
        if (load->waiting != 0 || load->in_flight != 0 || load->retrying != 0 || load->resting != 0)
          return false;
      }
      for (const auto& endpoint : endpoints_) {
        if (endpoint->load->in_flight != 0 || endpoint->load->connecting != 0) return false;
      }
      return true;
    };
    if (eventually(zero)) return testing::AssertionSuccess();
    auto failure = testing::AssertionFailure();
    for (const auto& load : loads_) {
      failure << " group: waiting " << load->waiting << " in flight " << load->in_flight
              << " retrying " << load->retrying;
    }
    for (const auto& endpoint : endpoints_) {
      failure << " endpoint: in flight " << endpoint->load->in_flight;
    }
    return failure;
  }
  std::uint64_t total(const observe::Family& family, const observe::Labels& labels) const {
    return registry.total(family, labels);
  }

 private:
  std::uint32_t workers_;
  std::uint64_t next_id_ = 1;
  std::uint64_t version_ = 0;
  std::uint32_t next_slot_ = 0;
  std::uint32_t next_group_slot_ = 0;
  std::map<std::string, std::shared_ptr<const Group>> groups_;
  std::map<std::string, std::shared_ptr<const BoundListener>> listeners_;
  std::map<std::string, std::vector<net::Fd>> sockets_;
  std::vector<std::map<std::string, std::vector<net::Fd>>::node_type> stale_;
  std::vector<std::shared_ptr<const Endpoint>> endpoints_;
  std::vector<std::shared_ptr<GroupLoad>> loads_;

 public:
  observe::Registry registry;
  DataPlane plane;  // last: its threads end first
};

// A plane with one listener, `web`, one group, `api`, and hosts that the test plays.
class OneGroup : public testing::Test {
 protected:
  void start(std::size_t count, TargetGroup options = {}, std::uint32_t workers = 1) {
    plane = std::make_unique<TestPlane>(workers, hooks);
    TestPlane::Endpoints list;
    for (std::size_t i = 0; i < count; ++i) {
      hosts.push_back(std::make_unique<TestHost>());
      endpoints.push_back(plane->endpoint(hosts.back()->address()));
      list.push_back(endpoints.back());
    }
    plane->set_group("api", std::move(options), list);
    plane->set_listener("web", "api");
    plane->publish();
  }
  void TearDown() override {
    if (!plane) return;
    EXPECT_TRUE(plane->settled());
  }
  TestHost& host(std::size_t i = 0) { return *hosts.at(i); }
  GroupLoad& load() { return *plane->group("api").load; }
  std::uint64_t retries(const std::string& cause) {
    return plane->total(metrics::retries_total, {"api", cause});
  }

  Hooks hooks;
  std::vector<std::unique_ptr<TestHost>> hosts;
  std::vector<std::shared_ptr<Endpoint>> endpoints;
  std::unique_ptr<TestPlane> plane;
};

}  // namespace weir::proxy
