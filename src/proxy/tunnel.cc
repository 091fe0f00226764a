#include "proxy/tunnel.h"

#include "base/scope.h"

namespace weir::proxy {
namespace {

using End = Tunnelled::End;

// One timer for both ways, armed anew only when it fires: moving bytes costs none.
struct Shared : private net::Timer {
  Shared(net::Reactor& r, Duration limit, net::Interrupt& b)
      : Timer(&Shared::silent), reactor(r), idle(limit), moved(r.now()), broken(b) {
    reactor.timers().arm(*this, moved + idle);
  }
  // The first to see the end says what it was.
  void end(net::Io io, End broke) {
    if (broken.raised()) {
      if (result.end == End::proper) result.end = End::stopped;
      return;
    }
    result.end = io == net::Io::cancelled ? End::stopped : broke;
    broken.raise();
  }
  static void silent(net::Timer& timer) {
    Shared& self = static_cast<Shared&>(timer);
    if (self.broken.raised()) return;
    const Time end = self.moved + self.idle;
    if (end > self.reactor.now()) {
      self.reactor.timers().arm(self, end);
    } else {
      self.result.end = End::idle;
      self.broken.raise();
    }
  }
  // As long as something moves.
  net::Deadline patience() { return net::Deadline(kNever, &broken); }

  net::Reactor& reactor;
  Duration idle;
  Time moved;              // when bytes last moved, either way
  net::Interrupt& broken;  // ends the other direction too
  Tunnelled result;
};

template <class Side>
struct Way {
  Side& from;
  Side& to;
  std::uint64_t& bytes;
  End from_broke;
  End to_broke;
};

template <class Side>
Task<> pump(Way<Side> way, std::string early, Shared& shared) {
  if (!early.empty()) {
    const net::Io sent = co_await way.to.write(early, shared.patience());
    if (sent != net::Io::ok) {
      shared.end(sent, way.to_broke);
      co_return;
    }
    way.bytes += early.size();
    std::string().swap(early);
  }
  while (true) {
    const net::Read got = co_await way.from.read(shared.patience());
    if (got.status == net::Io::eof) {
      way.to.shutdown_write();
      co_return;
    }
    if (got.status != net::Io::ok) {
      shared.end(got.status, way.from_broke);
      co_return;
    }
    shared.moved = shared.reactor.now();
    const std::string_view bytes(got.bytes.data(), got.bytes.size());
    const std::size_t size = bytes.size();
    const net::Io sent = co_await way.to.write(bytes, shared.patience());
    if (sent != net::Io::ok) {
      shared.end(sent, way.to_broke);
      co_return;
    }
    way.bytes += size;
    shared.moved = shared.reactor.now();
  }
}

// Both ways between two sides of the same kind.
template <class Side>
Task<Tunnelled> join(net::Reactor& reactor, Side& a, std::string from_a, Side& b,
                     std::string from_b, Duration idle, net::Interrupt& broken) {
  Shared shared(reactor, idle, broken);
  const Way<Side> there{a, b, shared.result.from_a, End::a_broke, End::b_broke};
  const Way<Side> back{b, a, shared.result.from_b, End::b_broke, End::a_broke};
  Scope directions;
  directions.spawn(pump(there, std::move(from_a), shared));
  directions.spawn(pump(back, std::move(from_b), shared));
  co_await directions.close();
  co_return shared.result;
}

}  // namespace

Task<Tunnelled> tunnel(net::Stream& a, std::string from_a, net::Stream& b, std::string from_b,
                       Duration idle, net::Interrupt& broken) {
  return join(a.reactor(), a, std::move(from_a), b, std::move(from_b), idle, broken);
}

Task<Tunnelled> tunnel(net::Reactor& reactor, http::Pipe& a, std::string from_a, http::Pipe& b,
                       std::string from_b, Duration idle, net::Interrupt& broken) {
  return join(reactor, a, std::move(from_a), b, std::move(from_b), idle, broken);
}

}  // namespace weir::proxy
