// Status: everything as it is now, for people and programs: what `weir status` and the native API
// show. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace weir::control {

struct EndpointStatus {
  std::string id;  // address, or the instance id where it is one's
  std::string address;
  std::string instance;  // "" for a static endpoint
  std::string zone;
  std::string state;   // healthy, unhealthy, starting, draining, ejected
  std::string reason;  // of the last health check, or of the ejection
  std::uint32_t weight = 1;
  std::uint32_t in_flight = 0;
  std::uint32_t limit = 0;     // most in flight, learned or fixed; 0 is unlimited
  double latency_seconds = 0;  // decayed average; 0 is unknown
};

struct TargetGroupStatus {
  std::string name;
  std::string algorithm;
  std::uint32_t waiting = 0;
  std::uint32_t in_flight = 0;
  std::uint64_t requests = 0;
  bool panic = false;
  std::uint32_t connections = 0;
  std::vector<EndpointStatus> endpoints;
};

struct InstanceStatus {
  std::string id;
  std::string state;   // scale::Lifecycle: pending, in_service, standby, ...
  std::string reason;  // why it is not in service: no free GPU, warming up, draining 2 streams
  std::string zone;
  std::string address;
  std::int64_t pid = 0;
  std::uint16_t port = 0;
  std::uint32_t version = 1;
  std::uint32_t in_flight = 0;
  bool healthy = false;
  bool adopted = false;
  bool is_protected = false;  // from scale-in
  WallTime launched{};
  std::optional<double> cpu_percent;
  std::optional<double> memory_percent;
  std::vector<std::string> devices;
  std::optional<double> gpu_percent;  // means over its devices
  std::optional<double> gpu_memory_percent;
  std::string launch_template;  // of the group's mix
  std::uint32_t weight = 1;
  bool spot = false;
  double price = 0;                 // per hour
  std::optional<WallTime> ends_at;  // it was told that it ends
};

// What the instances of a group have cost, since weir first ran it and today (UTC).
struct CostStatus {
  double per_hour = 0;
  double instance_hours = 0, money = 0;
  double today_instance_hours = 0, today_money = 0;
  std::uint32_t peak_instances = 0;
  double peak_per_hour = 0;
  double fixed_instance_hours = 0, fixed_money = 0;  // of a fleet of the peak size all the time
  double saved_share = 0;                            // of that
  WallTime since{};
};

// Of both together; the peak of each was at a moment of its own, so there is none of the sum.
inline CostStatus sum(CostStatus a, const CostStatus& b) {
  a.per_hour += b.per_hour;
  a.instance_hours += b.instance_hours;
  a.money += b.money;
  a.today_instance_hours += b.today_instance_hours;
  a.today_money += b.today_money;
  a.fixed_instance_hours += b.fixed_instance_hours;
  a.fixed_money += b.fixed_money;
  if (a.fixed_money > 0) {
    a.saved_share = 1 - a.money / a.fixed_money;
  } else if (a.fixed_instance_hours > 0) {
    a.saved_share = 1 - a.instance_hours / a.fixed_instance_hours;
  }
  return a;
}

struct ActivityStatus {
  WallTime time{};
  std::string status;  // Successful, Failed
  std::string description;
  std::string cause;
  std::string instance;
};

// The last instance refresh of a group.
struct RefreshStatus {
  std::uint32_t number = 0;
  std::string status;  // scale::Refresh::Status
  std::uint32_t percent = 0;
  std::uint32_t replaced = 0;
  std::uint32_t total = 0;
  std::uint32_t version = 1;
  std::uint32_t before = 1;
  std::string reason;
  WallTime started{};
  std::optional<WallTime> ended;
};

struct ScalingGroupStatus {
  std::string name;
  std::uint32_t version = 1;  // of the launch template, that is launched now
  std::optional<RefreshStatus> refresh;
  std::uint32_t min = 0;
  std::uint32_t max = 0;
  std::uint32_t desired = 0;
  std::vector<std::string> target_groups;
  std::vector<InstanceStatus> instances;
  std::vector<ActivityStatus> activities;   // newest first
  std::uint64_t activities_successful = 0;  // of this process
  std::uint64_t activities_failed = 0;
  CostStatus cost;
  std::uint32_t reversals = 0;  // of the desired capacity within half an hour
  std::vector<std::string>
      notes;  // why it is as it is now: backoff, no free GPU; what policies say
};

struct ListenerStatus {
  std::string name;
  std::vector<std::string> bind;  // as bound: port 0 resolved
  std::string protocol;
  std::size_t rules = 0;
};

struct ZoneStatus {
  std::string name;
  bool own = false;  // this weir is in it
  std::uint32_t endpoints = 0;
  std::uint32_t healthy = 0;
  std::optional<WallTime> shifted_until;  // an operator took it out
};

struct AlarmChangeStatus {
  WallTime time{};
  std::string from;
  std::string to;
  std::string reason;
  bool by_hand = false;
};

struct AlarmStatus {
  std::string name;
  std::string metric;
  std::string state;  // OK, ALARM, INSUFFICIENT_DATA
  WallTime since{};
  std::string reason;            // of the last change
  std::optional<double> newest;  // datapoint
  double threshold = 0;
  bool actions_enabled = true;
  std::vector<AlarmChangeStatus> history;  // newest first
};

// Who is told of events, as notify::NotifierStatus has it.
struct NotificationStatus {
  std::string name;
  std::size_t queued = 0;
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
  std::uint64_t dropped = 0;
  std::string last_error;
};

struct Status {
  std::string version;
  double uptime_seconds = 0;
  std::uint64_t snapshot = 0;
  std::string config;  // the file or folder served
  bool draining = false;
  std::vector<ListenerStatus> listeners;
  std::vector<TargetGroupStatus> target_groups;
  std::vector<ZoneStatus> zones;
  std::vector<ScalingGroupStatus> scaling_groups;
  std::vector<NotificationStatus> notifications;
};

}  // namespace weir::control
