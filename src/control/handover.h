// What one weir tells the next about an endpoint, so that it goes on where this one was. Values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace weir::control {

// Times are of CLOCK_MONOTONIC, which all processes of a machine share.
struct EndpointMemory {
  std::string group;
  std::string address;
  bool instance = false;
  bool healthy = false;
  bool draining = false;
  std::uint32_t in_flight = 0;
  std::int64_t in_service_since = 0;
  std::int64_t ejected_until = 0;
  double latency = 0;
  std::int64_t latency_stamp = 0;
};

// A listening address: so many descriptors, in the order in which they are passed.
struct HandedListener {
  std::string name;
  std::string bind;  // as configured
  std::uint32_t fds = 0;
};

struct Handover {
  std::string version;
  std::string state_path;
  std::vector<HandedListener> listeners;
  std::string admin_bind;    // as configured; its descriptor follows the listeners'
  std::string admin_socket;  // its descriptor is the last; empty: none
  std::vector<EndpointMemory> endpoints;
  std::vector<std::string> ticket_keys;  // of TLS; bytes, secret
};

// One line of JSON each.
std::string to_line(const Handover& handover);
Result<Handover> parse_handover(const std::string& line);
// What is in flight, alone: while the earlier one drains.
std::string load_line(const std::vector<EndpointMemory>& endpoints);
Result<std::vector<EndpointMemory>> parse_load(const std::string& line);

}  // namespace weir::control
