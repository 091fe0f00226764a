// Peek: looks at what a new connection has sent, and leaves it there for whoever reads it later.
#pragma once

#include <coroutine>
#include <cstddef>
#include <string_view>

#include "net/reactor.h"
#include "net/wait.h"

namespace weir::net {

struct Peeked {
  Io status = Io::ok;        // eof: the peer has ended, and no more will come
  std::string_view bytes{};  // from the first one on; in the reactor's scratch
};

// Of one descriptor, which stays the caller's and is free for a Stream once this is gone. Lives on
// one reactor.
class Peek final : public Pollable {
 public:
  Peek(Reactor& reactor, int fd) : waiter_(reactor), fd_(fd) {}
  ~Peek() override { close(); }
  static Owned<Peek> at(Reactor& reactor, int fd) {
    return Owned<Peek>(new Peek(reactor, fd), Bury(reactor));
  }

  class Await {
   public:
    Await(Peek& peek, Deadline deadline) : peek_(peek), deadline_(deadline) {}
    bool await_ready() { return peek_.look(); }
    bool await_suspend(std::coroutine_handle<> handle);
    Peeked await_resume();

   private:
    Peek& peek_;
    Deadline deadline_;
    bool waited_ = false;
  };
  // co_await: until more is there than at the last time. At once when there is.
  Await more(Deadline deadline) { return Await(*this, deadline); }

  void on_events(std::uint32_t events) override;
  void close();

 private:
  bool look();

  Waiter waiter_;
  int fd_;
  bool watched_ = false;
  bool ended_ = false;
  std::size_t seen_ = 0;
  Peeked got_;
};

// Takes the first `size` bytes off, which a Peek has seen. False when it cannot.
bool take_off(Reactor& reactor, int fd, std::size_t size);

}  // namespace weir::net
