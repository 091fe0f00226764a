// Traffic: one way to load a proxy. It opens its connections, sends, checks every answer, counts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "bench/histogram.h"
#include "bench/loop.h"

namespace weir::bench {

// What the traffic has seen. An answer is good: status 200 and the body that it should have.
struct Tally {
  std::uint64_t answers = 0;  // or events
  std::uint64_t errors = 0;
  std::string first_error;
  std::uint64_t body_bytes = 0;
  Histogram latency;

  void add_error(std::string_view what) {
    if (errors++ == 0) first_error = what;
  }
};

class Traffic {
 public:
  virtual ~Traffic() = default;

  virtual void start() = 0;
  // All connections stand (or, with idle connections: all have had their answer).
  virtual bool ready() const = 0;
  // Between two turns of the loop: does what is due, and says when to be called again.
  virtual Time tick(Time now) = 0;

  Tally& tally() { return tally_; }

 protected:
  Tally tally_;
};

struct Target {
  std::uint16_t port = 0;
  std::size_t connections = 64;
  std::string path = "/";
  bool post = false;
  bool tls = false;
  bool resume = false;  // TLS sessions
};

// Each connection sends its next request when it has the answer: saturation.
std::unique_ptr<Traffic> closed_loop(Loop& loop, const Target& target);

// Each request on a connection of its own.
std::unique_ptr<Traffic> fresh_connections(Loop& loop, const Target& target);

// `rate` requests a second at even intervals, whatever the answers do. Latency counts from when a
// request was due, not from when a connection was free for it (no coordinated omission).
std::unique_ptr<Traffic> open_loop(Loop& loop, const Target& target, double rate);

// Opens the connections, a few at once; one request on each; then holds them.
std::unique_ptr<Traffic> idle_connections(Loop& loop, const Target& target);

// One endless stream of events on each connection; latency from when the backend sent an event.
std::unique_ptr<Traffic> event_streams(Loop& loop, const Target& target);

}  // namespace weir::bench
