// Requests: a recorded trace, request by request, as a replay plays it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace weir::simulate {

struct Request {
  Duration at{0};                // since the trace's begin
  std::optional<Duration> cost;  // alone at a server, where the trace says so
  std::uint32_t input_tokens = 0;
  std::uint32_t output_tokens = 0;
  std::uint64_t key = 0;              // what hashing algorithms go by
  std::uint32_t kind = 0;             // its priority class: into RequestTrace::classes
  std::vector<std::uint64_t> prefix;  // hashes of the blocks that its input begins with, in order
  bool operator==(const Request&) const = default;
};

// Values; any thread may read it.
struct RequestTrace {
  std::string name;
  std::vector<Request> requests;     // by time; the first one need not be at 0
  std::optional<WallTime> began;     // where the trace has wall-clock times
  Duration length{0};                // to the last request, or the end of the last rate
  std::vector<std::string> classes;  // names of priority classes; at least one, perhaps ""
  std::size_t of_others = 0;         // requests of other groups, left out
};

}  // namespace weir::simulate
