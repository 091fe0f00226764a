// Listening sockets: opened once, handed on, never reopened (closing one of an SO_REUSEPORT set
// resets what waits in its backlog).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/address.h"
#include "net/fd.h"
#include "net/reactor.h"

namespace weir::net {

// Bound, listening, close-on-exec, not blocking. A stale Unix socket file is replaced (one that
// nobody accepts on); a live one, or a file of another kind, is a conflict. Mode of a Unix socket:
// `mode`.
Result<Fd> listen_on(const Address& address, bool reuse_port, unsigned mode = 0666);

// Descriptors passed by systemd or a parent: LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES. Name or
// bound address -> descriptors. Clears the environment so that children don't see it. Once.
struct Inherited {
  std::string name;
  std::string bind{};  // as configured by the weir that handed it over; empty: from a parent
  Address address;
  Fd fd;
};
std::vector<Inherited> inherited_listeners();

// Accepts on one worker. Lives on the reactor; the descriptor stays the set's.
class Acceptor final : public Pollable {
 public:
  using OnAccept = std::function<void(Fd, const Address& peer)>;
  // Asked before each connection: false leaves it in the backlog, and asks again a little later.
  using MayAccept = std::function<bool()>;
  // `shared`: other reactors accept from the same descriptor (EPOLLEXCLUSIVE).
  static Owned<Acceptor> start(Reactor& reactor, int fd, bool shared, OnAccept on_accept,
                               MayAccept may_accept = {});

  void on_events(std::uint32_t events) override;
  // Accepts nothing more.
  void close();
  // Accepts what waits already, whoever may. Before close(), where the descriptor will be closed
  // too.
  void accept_backlog();

 private:
  Acceptor(Reactor& reactor, int fd, bool shared, OnAccept on_accept, MayAccept may_accept);
  bool arm();
  bool accept_some(bool all);
  void pause(Duration time);

  Reactor& reactor_;
  int fd_;
  bool shared_;
  bool armed_ = false;
  bool starved_ = false;  // out of descriptors; told once
  OnAccept on_accept_;
  MayAccept may_accept_;  // empty: always
  struct Again : Timer {
    explicit Again(Acceptor& a);
    Acceptor& acceptor;
  };
  Again again_;
};

}  // namespace weir::net
