// What the user knows of his servers, for `weir simulate` and `weir recommend` alone. Plain values;
// part of desired.h. A running weir takes no notice of it.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "model/names.h"

namespace weir {

// An instance as a simulation plays it.
struct ServerModel {
  Duration start_time = 60s;     // from its launch to its first passed health check
  Duration service_time = 1s;    // of a request alone at it, where the trace says nothing of that
  double variation = 0;          // of each request's work: standard deviation over mean
  double tokens_per_second = 0;  // of output, of a request alone at it; 0: service_time instead
  double prefill_tokens_per_second = 0;  // of input, likewise; 0: input costs nothing
  std::uint32_t slots = 0;  // works on so many at once; 0: max_in_flight, or on all of them
  double slowdown = 0;      // of a request by each other one: 0 none, 1 as if they took turns
  std::uint32_t prefix_cache = 0;    // tokens whose prefill is not repeated; 0: none
  std::uint32_t prefix_block = 512;  // tokens of each prefix hash of the trace
  double price_per_hour = 0;
  bool operator==(const ServerModel&) const = default;
};

struct Simulation {
  std::string slo;            // p95<2s: what is judged (latency_goal.h)
  Named<ServerModel> groups;  // by scaling group
  bool operator==(const Simulation&) const = default;
};

}  // namespace weir
