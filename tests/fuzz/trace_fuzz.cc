// Traces of requests: what is read is in order, within its length and its bounds, and reads again
// to the same; what is refused says why, on a line that there is. And the goals that they are
// judged by.
// sources: src/simulate/trace_reader.cc src/simulate/trace_columns.cc src/model/latency_goal.cc
// sources: src/config/*.cc src/base/units.cc src/base/wall_time.cc src/base/hash.cc src/base/check.cc
// libraries: fmt libxxhash yaml-cpp
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "model/latency_goal.h"
#include "simulate/trace_reader.h"

using weir::simulate::read_trace;
using weir::simulate::Request;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto goal = weir::parse_latency_goal(text)) {
    CHECK(goal->bound > weir::Duration(0));
    const auto again = weir::parse_latency_goal(weir::to_string(*goal));
    CHECK(again && again->of == goal->of && again->bound == goal->bound);
  }
  weir::simulate::TraceOptions options;
  options.share = 0.5;
  options.most = 10'000;
  const auto read = read_trace("t", text, options);
  CHECK(read.mistakes.size() <= weir::simulate::kMostMistakes);
  const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
  for (const auto& mistake : read.mistakes) {
    CHECK(!mistake.what.empty() && mistake.line <= lines);
  }
  if (!read.good()) return 0;
  const auto& trace = read.trace;
  CHECK(!trace.requests.empty() && !trace.classes.empty());
  weir::Duration last{0};
  for (const Request& request : trace.requests) {
    CHECK(request.at >= last && request.at <= trace.length);
    CHECK(request.kind < trace.classes.size());
    CHECK(!request.cost || *request.cost >= weir::Duration(0));
    last = request.at;
  }
  CHECK(read_trace("t", text, options).trace.requests == trace.requests);
  return 0;
}
