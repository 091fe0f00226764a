// Ejection: takes an endpoint out for a time that grows with each ejection in a row, as in Envoy;
// never more than a share of the group at once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "model/desired.h"
#include "model/load.h"
#include "model/snapshot.h"

namespace weir::judge {

using Endpoints = std::span<const std::shared_ptr<const Endpoint>>;

struct Ejection {
  bool ejected = false;        // by this call
  Duration length{0};          // for so long
  std::uint32_t in_a_row = 0;  // ejections, this one included
  explicit operator bool() const { return ejected; }
};

// How many of a group of this size may be ejected at once. Of two or more, one may always go.
std::uint32_t most_ejected(const Outlier& options, std::size_t size);

// How many are ejected now.
std::uint32_t count_ejected(Endpoints group, Time now);

// Takes out the endpoint with this `load`, if it is in and the group can spare it. Each good time
// as long as the last ejection takes one off the count that decides the length of the next. Any
// thread. Where two race, one endpoint is ejected once and the cap holds; at worst an ejection
// waits for the next reason.
Ejection eject(Load& load, const Outlier& options, Ejected why, Time now, Endpoints group);

// For metrics and people: failures, success_rate, latency, hung.
std::string_view name_of(Ejected why);
// "failed in traffic"
std::string_view phrase_of(Ejected why);

}  // namespace weir::judge
