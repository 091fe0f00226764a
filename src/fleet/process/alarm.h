// Alarm: a timer of the reactor that calls a function.
#pragma once

#include <functional>

#include "net/reactor.h"

namespace weir::fleet {

// Lives on the reactor's thread. May be set again, and destroyed, from inside its function.
class Alarm : private net::Timer {
 public:
  Alarm(net::Reactor& reactor, std::function<void()> ring)
      : Timer(&Alarm::fire), reactor_(reactor), ring_(std::move(ring)) {}

  void set(Time at) { reactor_.timers().arm(*this, at); }
  using Timer::armed;
  using Timer::cancel;

 private:
  static void fire(Timer& timer) {
    const std::function<void()> ring = static_cast<Alarm&>(timer).ring_;
    ring();
  }

  net::Reactor& reactor_;
  std::function<void()> ring_;
};

}  // namespace weir::fleet
