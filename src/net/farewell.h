// Farewell: what a closed stream had still to send.
//
// A write through the outbox has returned before the kernel refuses part of it; whoever then closes
// the stream in good order means all of it to arrive. The kernel goes on sending what it has
// after a close, and so do we with ours.
#pragma once

#include <string>

#include "net/fd.h"
#include "net/reactor.h"
#include "net/timer.h"

namespace weir::net {

class Farewell final : public Pollable {
 public:
  static constexpr Duration kPatience = 30s;  // for the peer to take it
  // `fd` is not watched by the reactor, which owns the farewell from now on.
  static void begin(Reactor& reactor, Fd fd, std::string rest);

  void on_events(std::uint32_t events) override;

 private:
  Farewell(Reactor& reactor, Fd fd, std::string rest);
  void end();

  struct Limit : Timer {
    explicit Limit(Farewell& f);
    Farewell& farewell;
  };
  Reactor& reactor_;
  Fd fd_;
  std::string rest_;
  Limit limit_;
};

}  // namespace weir::net
