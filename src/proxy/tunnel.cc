#include "proxy/tunnel.h"

#include "base/scope.h"

namespace weir::proxy {
namespace {

struct Shared {
  Shared(net::Reactor& r, Duration limit, net::Interrupt& b)
      : reactor(r), idle(limit), moved(r.now()), broken(b) {}
  net::Reactor& reactor;
  Duration idle;
  Time moved;              // when bytes last moved, either way
  net::Interrupt& broken;  // ends the other direction too
};

template <class Side>
Task<> pump(Side& from, Side& to, std::string early, Shared& shared) {
  if (!early.empty()) {
    const net::Deadline deadline(shared.reactor.now() + shared.idle, &shared.broken);
    const net::Io sent = co_await to.write(early, deadline);
    if (sent != net::Io::ok) shared.broken.raise();
  }
  while (!shared.broken.raised()) {
    const net::Deadline reading(shared.moved + shared.idle, &shared.broken);
    const net::Read got = co_await from.read(reading);
    if (got.status == net::Io::timeout && shared.moved + shared.idle > shared.reactor.now()) {
      continue;  // the other direction moved meanwhile
    }
    if (got.status == net::Io::eof) {
      to.shutdown_write();
      co_return;
    }
    if (got.status != net::Io::ok) break;
    shared.moved = shared.reactor.now();
    const std::string_view bytes(got.bytes.data(), got.bytes.size());
    const net::Deadline writing(shared.reactor.now() + shared.idle, &shared.broken);
    const net::Io sent = co_await to.write(bytes, writing);
    if (sent != net::Io::ok) break;
    shared.moved = shared.reactor.now();
  }
  shared.broken.raise();
}

}  // namespace

Task<> tunnel(net::Stream& a, std::string from_a, net::Stream& b, std::string from_b, Duration idle,
              net::Interrupt& broken) {
  Shared shared(a.reactor(), idle, broken);
  Scope directions;
  directions.spawn(pump(a, b, std::move(from_a), shared));
  directions.spawn(pump(b, a, std::move(from_b), shared));
  co_await directions.close();
}

Task<> tunnel(net::Reactor& reactor, http::Pipe& a, std::string from_a, http::Pipe& b,
              std::string from_b, Duration idle, net::Interrupt& broken) {
  Shared shared(reactor, idle, broken);
  Scope directions;
  directions.spawn(pump(a, b, std::move(from_a), shared));
  directions.spawn(pump(b, a, std::move(from_b), shared));
  co_await directions.close();
}

}  // namespace weir::proxy
