// Mix: several kinds of instances in one scaling group, their prices, and how spot instances are
// told that they end. Plain values; scale/mix.h says how a mix is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/units.h"
#include "model/launch.h"
#include "model/names.h"

namespace weir {

// What an instance template changes of its group's launch; the rest stays.
struct LaunchOverrides {
  std::optional<Names> command;
  Named<std::string> environment;  // added; the same name replaces
  std::optional<std::string> directory;
  std::optional<std::string> user;
  std::optional<double> cpus;
  std::optional<Bytes> memory;
  std::optional<std::uint32_t> processes;
  std::optional<std::uint32_t> gpus;
  std::optional<Duration> stop_grace;
  std::optional<Duration> start_timeout;
  std::optional<std::string> zone;
  bool operator==(const LaunchOverrides&) const = default;
};

// How the end of spot instances is announced.
struct Interruption {
  std::string url;         // asked: 404 is none, 200 with {"action", "time"} a notice; empty: never
  Duration every = 5s;     // between two questions
  Duration notice = 120s;  // how long they still live after a SIGPWR to weir
  bool operator==(const Interruption&) const = default;
};

struct InstanceTemplate {
  std::string name;
  LaunchOverrides launch;
  std::uint32_t weight = 1;  // units of capacity that one gives
  double price = 0;          // of one, per hour
  bool spot = false;
  std::uint32_t reserved = 0;  // instances that are paid for anyway
  std::optional<Interruption> interruption;
  bool operator==(const InstanceTemplate&) const = default;
};

struct Mix {
  std::uint32_t on_demand_base = 0;      // units
  double on_demand_percentage = 100;     // of the units above the base
  std::string strategy = "prioritized";  // or lowest_price, price_capacity_optimized
  std::vector<InstanceTemplate> templates;
  bool operator==(const Mix&) const = default;
};

// Of groups that compete for devices.
struct Sharing {
  std::int32_t priority = 0;
  Duration yield_after = 10s;  // an idle instance keeps its devices so long
  Duration hold = 30s;         // and one that came up, whoever waits
  bool preemptible = false;    // below min, for a group of higher priority
  bool operator==(const Sharing&) const = default;
};

// The launch of an instance of that template.
Launch launch_of(const Launch& group, const LaunchOverrides& overrides);

}  // namespace weir
