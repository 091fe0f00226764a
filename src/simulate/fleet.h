// Fleet: the servers of a replay: instances that come and go as the autoscaler says, and static
// endpoints. It executes actions as control/scaler.cc does, with modelled servers for processes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scale/engine.h"
#include "simulate/calendar.h"
#include "simulate/front.h"
#include "simulate/server.h"

namespace weir::simulate {

struct FleetOptions {
  const ScalingGroup& scaling;
  const TargetGroup& target;
  const ServerModel& model;
  std::uint32_t slots = 0;            // of a server; 0: as many as come
  std::optional<std::uint32_t> room;  // instances that there are ports and devices for
};

class Fleet {
 public:
  struct Member {
    Member(std::uint64_t n, const FleetOptions& options, Time now)
        : number(n), server(options.model, options.slots, now) {}
    const std::uint64_t number;  // in the order of their making; of a server's events
    scale::InstanceFacts facts;
    std::shared_ptr<Endpoint> endpoint;
    Server server;
    Time due = kNever;       // of its next event in the calendar
    bool is_static = false;  // an endpoint of the target group's own
  };

  // What `options` refers to, and the calendar, outlive it.
  Fleet(const FleetOptions& options, Calendar& calendar, Time now);

  // So many serve already, as after a long while.
  void begin(std::uint32_t count, Time now);
  // True where the set of endpoints has changed. Kinds that it does not know are counted.
  bool execute(const scale::Action& action, Time now);
  // Events of the calendar. False: what was to happen cannot any more.
  bool started(std::uint64_t number, Time now);
  bool ended(std::uint64_t number);
  // Instances that could not be started for want of a port or device. True where one was now.
  bool retry(Time now);

  Member* find(std::uint64_t number);
  std::vector<EndpointPointer> endpoints() const;
  // Its part of the facts: instances, other endpoints, room.
  void fill(scale::GroupFacts& facts) const;

  std::uint32_t present() const;  // instances from their launch to their end
  std::uint32_t serving() const;  // of them, in service
  std::uint64_t launched() const { return launched_; }
  double instance_seconds(Time now) const;
  const std::map<std::string, std::uint64_t>& not_simulated() const { return unknown_; }
  // Of all servers there ever were.
  std::uint64_t input_tokens() const;
  std::uint64_t cached_tokens() const;

 private:
  Member& add(Time now);
  Member& launch(Time now);
  void start(Member& member, Time now);
  Member* by_name(const std::string& id);
  void forget(Member& member, Time now);
  std::uint32_t holding() const;  // ports and devices in use

  const FleetOptions options_;
  Calendar& calendar_;
  std::map<std::uint64_t, std::unique_ptr<Member>> members_;
  std::uint64_t last_ = 0;
  std::uint64_t launched_ = 0;
  double past_seconds_ = 0;  // of instances that have ended
  std::uint64_t past_input_ = 0, past_cached_ = 0;
  std::map<std::string, std::uint64_t> unknown_;  // kinds of actions, and how often
};

}  // namespace weir::simulate
