// sharing: who gives its devices to whom, where scaling groups have fewer devices than they have
// models. Pure.
//
// A group waits when one of its instances cannot be started for want of devices while requests
// stand in its line. Then an instance of another group that has nothing to do gives way: drained,
// stopped, and its group wants one less, until a request for it comes (llama-swap does the same for
// one box: github.com/mostlygeek/llama-swap, "swap" and "ttl").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/mix.h"

namespace weir::scale {

// An instance that holds devices.
struct Holder {
  std::string id;
  std::uint32_t devices = 0;
  std::optional<Time> idle_since;  // none: it has requests
  std::optional<Time> up_since;    // none: it starts
  bool leaving = false;            // its devices come free without our doing
  bool is_protected = false;       // from scale-in
  std::uint32_t weight = 1;        // units of capacity that it gives
};

// A scaling group.
struct Sharer {
  std::string name;
  Sharing options;
  std::uint32_t min = 0;
  std::uint32_t capacity = 0;         // units that are there and not leaving
  std::uint32_t waiting = 0;          // requests in line
  std::optional<Time> waiting_since;  // of the instance that cannot start
  std::uint32_t wanted = 0;           // devices that such an instance lacks; 0: none waits
  std::vector<Holder> holders;
};

struct Yield {
  std::string group;  // whose instance it is
  std::string instance;
  std::string reason;  // a phrase
};

struct Sharings {
  std::vector<Yield> yields;
  Time next = kNever;  // look again then: somebody is nearly idle for long enough
};

// Whether `a` is to get devices before `b`: who has requests in line first, then by priority, then
// who has waited longest.
bool goes_first(const Sharer& a, const Sharer& b);

// Who waits is served by priority, then by how long it has waited; who gives way is of the lowest
// priority, then the longest idle. None gives way in vain: only where it frees what is wanted,
// together with `free` devices and those that are on their way.
Sharings share(std::span<const Sharer> groups, std::uint32_t free, Time now);

}  // namespace weir::scale
