#include "http/pool.h"

#include <algorithm>

namespace weir::http {

net::Owned<net::Stream> Pool::take() {
  while (!idle_.empty()) {
    net::Owned<net::Stream> stream = std::move(idle_.back().stream);
    idle_.pop_back();
    if (stream->quiet()) return stream;
  }
  return nullptr;
}

void Pool::put(net::Owned<net::Stream> stream, Time now, std::size_t most) {
  if (idle_.size() < most) idle_.push_back(Idle{std::move(stream), now});
}

void Pool::sweep(Time since) {
  std::erase_if(idle_,
                [&](const Idle& idle) { return idle.since < since || !idle.stream->quiet(); });
}

}  // namespace weir::http
