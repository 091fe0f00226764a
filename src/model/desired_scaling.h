// What the user asked for in matters of scaling: launches, policies, scaling groups. Plain values;
// part of desired.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/adjustment.h"
#include "model/launch.h"
#include "model/lifecycle.h"
#include "model/mix.h"
#include "model/names.h"
#include "model/pace.h"

namespace weir {

struct TargetTracking {
  // in_flight_per_endpoint (the waiting included), requests_per_second_per_endpoint,
  // latency_p50, latency_p90, latency_p95, latency_p99 (seconds), cpu_percent, memory_percent,
  // gpu_percent, gpu_memory_percent
  std::string metric;
  double target = 0;
  double tolerance = 0.1;  // no action while metric/target is within 1 +- this
  Duration scale_in_cooldown = 60s;
  bool scale_in = true;
  bool operator==(const TargetTracking&) const = default;
};

// Keeps a percentile of latency (of whole requests, or to the first token: what the group's series
// is fed) under a bound, with as few instances as it can.
struct Slo {
  Duration bound = 2s;
  double percentile = 99.5;   // of requests that are to be within it, above 0 and below 100
  Duration start_time = 60s;  // of an instance, until one has been seen to start
  bool operator==(const Slo&) const = default;
};

// Has ready what a forecast says will be needed, where the forecast has proved good.
struct Predictive {
  std::string metric = "in_flight_per_endpoint";  // or requests_per_second_per_endpoint
  double target = 0;                              // its value per endpoint
  std::string mode = "forecast_and_scale";        // or forecast_only
  Duration buffer = 60s;                          // earlier than an instance's start time demands
  Duration start_time = 60s;  // of an instance, until one has been seen to start
  // increase: where the forecast and this much more is above the group's maximum, that is the
  // maximum.
  std::string max_capacity_behaviour = "honor";
  std::optional<std::uint32_t> max_capacity_buffer;  // percent of the forecast; default 0
  bool operator==(const Predictive&) const = default;
};

// Other bounds, or another capacity, from a time on: once, or at each time of a schedule.
struct Scheduled {
  std::string schedule;           // cron: minute hour day-of-month month day-of-week
  std::string time_zone = "UTC";  // of the schedule, as IANA names it
  std::string at;                 // instead of a schedule: 2026-12-24T08:00:00Z
  std::string start;              // the schedule holds from then on; likewise
  std::string end;                // and until then
  std::optional<std::uint32_t> min;
  std::optional<std::uint32_t> max;
  std::optional<std::uint32_t> desired;
  bool operator==(const Scheduled&) const = default;
};

// One of them.
struct Policy {
  std::string name;  // by which an alarm runs it
  std::optional<TargetTracking> target_tracking;
  std::optional<StepScaling> step;
  std::optional<SimpleScaling> simple;
  std::optional<Slo> slo;
  std::optional<Predictive> predictive;
  std::optional<Scheduled> scheduled;
  bool operator==(const Policy&) const = default;
};
// The key of the one that it is; "" for none.
std::string_view kind_of(const Policy& policy);

struct ScalingGroup {
  Names target_groups;
  Launch launch;
  std::uint32_t min = 0;
  std::uint32_t max = 1;
  std::optional<std::uint32_t> desired;  // at first; afterwards the autoscaler's or `weir scale`'s
  Duration warm_up = 0s;                 // after becoming healthy, before it counts in metrics
  Duration idle_timeout = 300s;          // with min 0: without a request this long, to zero
  std::optional<Duration> drain_limit;   // bounds the wait for the last stream; default: none
  // Who goes first in a scale-in; each breaks the ties of the one before.
  Names termination_policies = {"least_work"};
  std::optional<TerminationCommand> termination_command;  // asked before them
  bool protect_new_instances = false;  // from scale-in, until `weir protect --off`
  std::string health = "targets";      // or process: it serves from its start until it ends
  Duration health_check_grace = 0s;    // in service, before failing checks replace an instance
  // What is not done for now: launch, terminate, replace_unhealthy, policies, scheduled.
  Names suspended;
  std::vector<LifecycleHook> lifecycle_hooks;
  std::optional<WarmPool> warm_pool;
  std::optional<Duration> max_instance_lifetime;  // then it is replaced
  Maintenance maintenance;                        // how, there and in an instance refresh
  RefreshOptions instance_refresh;                // where it says nothing else
  Names zones;  // instances are spread over them; default: launch.zone alone
  std::vector<Policy> policies;
  Pace scale_out;  // how fast the policies may move it
  Pace scale_in;
  std::optional<Mix> mix;  // of several kinds of instances; capacity then counts their weights
  double price = 0;        // of an instance per hour, without a mix
  bool spot = false;       // they may be taken away at short notice, without a mix
  Interruption interruption;
  Sharing sharing;
  bool operator==(const ScalingGroup&) const = default;
};

}  // namespace weir
