// What the tests of net and http share: a loop to turn by hand, and pairs of connected sockets.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "base/scope.h"
#include "base/task.h"
#include "net/address.h"
#include "net/fd.h"
#include "net/listen.h"
#include "net/reactor.h"
#include "net/stream.h"

namespace weir::net {

// A reactor, by default on the system's clock. Tasks are spawned in `scope`.
struct TestLoop {
  explicit TestLoop(const Clock& clock = system_clock()) : reactor(clock) {}

  // Turns until `done` or the limit, of real time; what `done` says then.
  template <class Done>
  bool until(Done done, Duration limit = 5s) {
    const Time end = system_clock().now() + limit;
    while (!done()) {
      if (system_clock().now() >= end) return false;
      reactor.turn(reactor.clock().now() + 5ms);
    }
    return true;
  }
  // Turns a few times without waiting.
  void settle() {
    for (int i = 0; i < 8; ++i) reactor.turn(reactor.now());
  }
  // Runs the task to its end.
  bool run(Task<> task) {
    scope.spawn(std::move(task));
    return until([this] { return scope.running() == 0; });
  }

  Reactor reactor;
  Scope scope;
};

inline void set_nonblocking(int fd) { CHECK(::fcntl(fd, F_SETFL, O_NONBLOCK) == 0); }

// Two connected ends, neither blocks.
inline std::pair<Fd, Fd> unix_pair() {
  int ends[2];
  CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
  return {Fd(ends[0]), Fd(ends[1])};
}

inline Address loopback(std::uint16_t port = 0) {
  return *parse_address("127.0.0.1:" + std::to_string(port));
}

inline std::pair<Fd, Fd> tcp_pair() {
  const Fd listener = *listen_on(loopback(), false);
  const Address address = local_address(listener.get());
  Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK(::connect(client.get(), address.data(), address.length()) == 0);
  set_nonblocking(client.get());
  Fd server(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  CHECK(server);
  const int one = 1;  // what a test sends in pieces arrives in pieces, at once
  for (const Fd* fd : {&client, &server}) {
    CHECK(::setsockopt(fd->get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0);
  }
  return {std::move(client), std::move(server)};
}

// The other side of a connection, by plain calls.
inline void send_all(int fd, std::string_view bytes) {
  CHECK(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
}
// What has arrived, perhaps nothing. `ended`: the peer has ended its side; `broken`: reset.
struct Arrived {
  std::string bytes;
  bool ended = false;
  bool broken = false;
};
inline Arrived receive(int fd) {
  Arrived out;
  char buffer[65536];
  while (true) {
    const ssize_t n = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n > 0) {
      out.bytes.append(buffer, static_cast<std::size_t>(n));
      continue;
    }
    out.ended = n == 0;
    out.broken = n < 0 && errno != EAGAIN;
    return out;
  }
}
// Ends with a reset.
inline void reset_connection(Fd fd) {
  const linger now{1, 0};
  CHECK(::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now) == 0);
}

// ---------------------------------------------------------------- on a stream

struct Got {
  std::string bytes;
  std::vector<std::size_t> sizes;
  std::optional<Io> end;  // of the reading
};

// Reads to the end of the stream, or to the first trouble.
inline Task<> read_all(Stream& stream, Deadline deadline, Got& got, std::size_t limit = 65536) {
  while (true) {
    const Read read = co_await stream.read(deadline, limit);
    if (read.status != Io::ok) {
      got.end = read.status;
      co_return;
    }
    got.bytes.append(read.bytes.data(), read.bytes.size());
    got.sizes.push_back(read.bytes.size());
  }
}

inline Task<> read_once(Stream& stream, Deadline deadline, std::optional<Io>& status,
                        std::string& bytes) {
  const Read read = co_await stream.read(deadline);
  bytes.assign(read.bytes.data(), read.bytes.size());
  status = read.status;
}

inline Task<> write_once(Stream& stream, std::string bytes, Deadline deadline,
                         std::optional<Io>& status) {
  status = co_await stream.write(bytes, deadline);
}

}  // namespace weir::net
