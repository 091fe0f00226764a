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
  std::string state;   // pending, in_service, terminating
  std::string reason;  // why it is not in service: no free GPU, warming up, draining 2 streams
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
};

struct ActivityStatus {
  WallTime time{};
  std::string status;  // Successful, Failed
  std::string description;
  std::string cause;
  std::string instance;
};

struct ScalingGroupStatus {
  std::string name;
  std::uint32_t min = 0;
  std::uint32_t max = 0;
  std::uint32_t desired = 0;
  std::vector<std::string> target_groups;
  std::vector<InstanceStatus> instances;
  std::vector<ActivityStatus> activities;   // newest first
  std::uint64_t activities_successful = 0;  // of this process
  std::uint64_t activities_failed = 0;
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
