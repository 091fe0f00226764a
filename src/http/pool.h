// Pool: idle connections to one endpoint, of one worker. The one used last is used first, so that
// the surplus of a busy hour ages away.
#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.h"
#include "net/stream.h"

namespace weir::http {

class Pool {
 public:
  // A connection on which nothing has come since; null when there is none.
  net::Owned<net::Stream> take();
  // Closes it instead when `most` are kept already.
  void put(net::Owned<net::Stream> stream, Time now, std::size_t most);
  // Closes what the endpoint has closed, and what was last used before `since`.
  void sweep(Time since);
  void clear() { idle_.clear(); }
  std::size_t size() const { return idle_.size(); }

 private:
  struct Idle {
    net::Owned<net::Stream> stream;
    Time since;
  };
  std::vector<Idle> idle_;  // oldest first
};

}  // namespace weir::http
