// Event: something that happened to a scaling group, an instance or an alarm, for those who asked
// to be told. Plain values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace weir {

// `hook` is asked for an answer elsewhere; here it is news that one waits, or was answered.
enum class EventKind : std::uint8_t {
  launch,           // an instance began to take traffic
  launch_error,     // one could not be started, or failed before it took traffic
  terminate,        // an instance has ended
  terminate_error,  // one could not be ended, or died by itself
  alarm,            // an alarm changed its state
  refresh,          // an instance refresh began, went on, ended or was rolled back
  hook,             // of a lifecycle hook
  spot              // an interruption notice
};
inline constexpr std::array kEventKinds = {
    EventKind::launch, EventKind::launch_error, EventKind::terminate, EventKind::terminate_error,
    EventKind::alarm,  EventKind::refresh,      EventKind::hook,      EventKind::spot};

std::string_view to_string(EventKind kind);

struct Event {
  std::uint64_t id = 0;  // rising, over restarts too; written by the bus
  WallTime time{};       // written by the bus where it is the epoch
  EventKind kind = EventKind::launch;
  std::string group;        // the scaling group; empty: it is about none
  std::string instance;     // where it is about one
  std::string description;  // one line for people
  std::string cause;        // why, in words
  // What its kind has beside: {"alarm", "high"}, {"state", "ALARM"}. Names are unique.
  std::vector<std::pair<std::string, std::string>> details;
};

// One line, no line feed: {"id", "time", "kind", "group", "instance", "description", "cause",
// "details": {...}}; what is empty is left out.
std::string to_json(const Event& event);

}  // namespace weir
