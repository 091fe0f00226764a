#include "proxy/tunnel.h"

#include "base/scope.h"

namespace weir::proxy {
namespace {

using End = Tunnelled::End;

struct Shared {
  Shared(net::Reactor& r, Duration limit, net::Interrupt& b)
      : reactor(r), idle(limit), moved(r.now()), broken(b) {}
  // The first to see the end says what it was.
  void end(net::Io io, End reader_or_writer) {
    if (broken.raised()) {
      if (result.end == End::proper) result.end = End::stopped;
      return;
    }
    result.end = io == net::Io::timeout     ? End::idle
                 : io == net::Io::cancelled ? End::stopped
                                            : reader_or_writer;
    broken.raise();
  }
  net::Reactor& reactor;
  Duration idle;
  Time moved;              // when bytes last moved, either way
  net::Interrupt& broken;  // ends the other direction too
  Tunnelled result;
};

struct Way {
  net::Stream& from;
  net::Stream& to;
  std::uint64_t& bytes;
  End from_broke;
  End to_broke;
};

Task<> pump(Way way, std::string early, Shared& shared) {
  if (!early.empty()) {
    const net::Deadline deadline(shared.reactor.now() + shared.idle, &shared.broken);
    const net::Io sent = co_await way.to.write(early, deadline);
    if (sent != net::Io::ok) {
      shared.end(sent, way.to_broke);
      co_return;
    }
    way.bytes += early.size();
    std::string().swap(early);
  }
  while (true) {
    const net::Deadline reading(shared.moved + shared.idle, &shared.broken);
    const net::Read got = co_await way.from.read(reading);
    if (got.status == net::Io::timeout && shared.moved + shared.idle > shared.reactor.now()) {
      continue;  // the other direction moved meanwhile
    }
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
    const net::Deadline writing(shared.moved + shared.idle, &shared.broken);
    const net::Io sent = co_await way.to.write(bytes, writing);
    if (sent != net::Io::ok) {
      shared.end(sent, way.to_broke);
      co_return;
    }
    way.bytes += size;
    shared.moved = shared.reactor.now();
  }
}

}  // namespace

Task<Tunnelled> tunnel(net::Stream& a, std::string from_a, net::Stream& b, std::string from_b,
                       Duration idle, net::Interrupt& broken) {
  Shared shared(a.reactor(), idle, broken);
  const Way there{a, b, shared.result.from_a, End::a_broke, End::b_broke};
  const Way back{b, a, shared.result.from_b, End::b_broke, End::a_broke};
  Scope directions;
  directions.spawn(pump(there, std::move(from_a), shared));
  directions.spawn(pump(back, std::move(from_b), shared));
  co_await directions.close();
  co_return shared.result;
}

}  // namespace weir::proxy
