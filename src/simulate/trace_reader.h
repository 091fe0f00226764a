// trace_reader: a recorded trace as text to requests: CSV with a header, or JSON lines, weir's own
// access log among them. Pure; any thread. What the columns are called: trace_columns.h.
//
// A trace of rates (time, requests_per_second) is drawn from: independent arrivals, so exponential
// gaps, at each row's rate until the next row; the last row lasts as long as the one before.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/mistake.h"
#include "simulate/request.h"

namespace weir::simulate {

// A request takes about a hundred bytes while it is played.
inline constexpr std::size_t kMostRequests = 10'000'000;

struct TraceOptions {
  Duration unit = 1s;  // of times that are plain numbers
  double share = 1;    // of the requests, drawn by chance; above 0 and at most 1
  std::uint64_t seed = 1;
  std::vector<std::string>
      groups;  // target groups; where the trace names them, others are left out
  std::size_t most = kMostRequests;  // more is a mistake
};

inline constexpr std::size_t kMostMistakes = 20;  // told; reading then stops

struct ReadTrace {
  RequestTrace trace;  // to be relied on where there are no mistakes
  std::vector<config::Mistake> mistakes;
  bool good() const { return mistakes.empty(); }
};

ReadTrace read_trace(std::string name, std::string_view text, const TraceOptions& options);

}  // namespace weir::simulate
