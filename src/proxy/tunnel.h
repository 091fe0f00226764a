// tunnel: bytes both ways between two streams, each side ending on its own (half-close kept).
#pragma once

#include <string>

#include "base/clock.h"
#include "base/task.h"
#include "http/pipe.h"
#include "net/stream.h"

namespace weir::proxy {

// Until both sides have ended, one breaks, nothing moves in either direction for `idle`, or
// `broken` is raised; it is raised by the tunnel itself where it did not end properly. `from_a` and
// `from_b` were read already and go first.
Task<> tunnel(net::Stream& a, std::string from_a, net::Stream& b, std::string from_b, Duration idle,
              net::Interrupt& broken);
// Likewise between pipes.
Task<> tunnel(net::Reactor& reactor, http::Pipe& a, std::string from_a, http::Pipe& b,
              std::string from_b, Duration idle, net::Interrupt& broken);

}  // namespace weir::proxy
