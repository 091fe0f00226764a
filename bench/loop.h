// Loop: the one epoll that load generator and backend share, edge-triggered.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "bench/socket.h"

namespace weir::bench {

// Something with a descriptor. Within one turn it is called at most once, so it may destroy itself;
// it must not destroy another.
class Ready {
 public:
  virtual ~Ready() = default;
  virtual void on_ready(std::uint32_t events) = 0;
};

class Loop {
 public:
  explicit Loop(const Clock& clock);

  Time now() const { return clock_.now(); }
  const Clock& clock() const { return clock_; }

  // Until the descriptor is closed.
  void watch(const Fd& fd, Ready& ready);

  // One batch of events; returns empty-handed at `until`.
  void turn(Time until);

 private:
  const Clock& clock_;
  Fd epoll_;
};

}  // namespace weir::bench
