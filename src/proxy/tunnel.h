// tunnel: bytes both ways between two streams, each side ending on its own (half-close kept).
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/task.h"
#include "http/pipe.h"
#include "net/stream.h"

namespace weir::proxy {

struct Tunnelled {
  enum class End : std::uint8_t {
    proper,  // both sides ended
    a_broke,
    b_broke,
    idle,
    stopped,  // `broken` was raised from outside
  };
  End end = End::proper;
  std::uint64_t from_a = 0;  // bytes passed on
  std::uint64_t from_b = 0;
};

// Until both sides have ended, one breaks, nothing moves in either direction for `idle`, or
// `broken` is raised; it is raised by the tunnel itself where it did not end properly. `from_a` and
// `from_b` were read already and go first.
Task<Tunnelled> tunnel(net::Stream& a, std::string from_a, net::Stream& b, std::string from_b,
                       Duration idle, net::Interrupt& broken);
// Likewise between pipes.
Task<Tunnelled> tunnel(net::Reactor& reactor, http::Pipe& a, std::string from_a, http::Pipe& b,
                       std::string from_b, Duration idle, net::Interrupt& broken);

}  // namespace weir::proxy
