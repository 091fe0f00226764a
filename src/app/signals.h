// Signals: delivered to the loop instead of to a thread at random.
#pragma once

#include <functional>

#include "net/fd.h"
#include "net/reactor.h"

namespace weir::app {

// Blocks the signals that Signals waits for, in this thread and all that it starts. Before the
// first thread.
void block_signals();

// Lives on the control thread. SIGTERM and SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPWR.
class Signals {
 public:
  Signals(net::Reactor& reactor, std::function<void(int)> on_signal);

 private:
  net::Fd fd_;
  net::Owned<net::Watch> watch_;
};

}  // namespace weir::app
