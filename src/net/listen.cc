#include "net/listen.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

#include "base/log.h"

namespace weir::net {
namespace {

constexpr int kBacklog = 65535;       // cut to net.core.somaxconn by the kernel
constexpr int kAcceptsPerTurn = 128;  // then others get their turn
// A process that was killed while it started a child leaves its sockets to that child until its
// exec.
constexpr int kBindTries = 10;
constexpr Duration kBindPause = 10ms;
constexpr Duration kPause = 50ms;  // when descriptors have run out
constexpr Duration kHold = 10ms;   // when no more are wanted now

Error system_error(const std::string& what) {
  const Code code = errno == EADDRINUSE ? Code::conflict
                    : errno == EACCES   ? Code::denied
                                        : Code::unavailable;
  return Error(code, what + ": " + std::strerror(errno));
}

// A Unix socket file that nobody accepts on. Any other file is left where it is.
bool is_stale(const Address& address) {
  struct stat file{};
  if (::lstat(address.host().c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return false;
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return probe && ::connect(probe.get(), address.data(), address.length()) != 0 &&
         errno == ECONNREFUSED;
}

}  // namespace

Result<Fd> listen_on(const Address& address, bool reuse_port, unsigned mode) {
  Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return tl::unexpected(system_error("socket"));
  const int one = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (address.is_unix()) {
    if (is_stale(address)) ::unlink(address.host().c_str());
  } else if (reuse_port) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  }
  if (address.family() == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  }
  for (int tries = 1; ::bind(fd.get(), address.data(), address.length()) != 0; ++tries) {
    if (errno != EADDRINUSE || tries == kBindTries) {
      return tl::unexpected(system_error(address.to_string()));
    }
    std::this_thread::sleep_for(kBindPause);
  }
  if (address.is_unix() && ::chmod(address.host().c_str(), mode) != 0) {
    return tl::unexpected(system_error(address.to_string()));
  }
  if (::listen(fd.get(), kBacklog) != 0) return tl::unexpected(system_error(address.to_string()));
  return fd;
}

std::vector<Inherited> inherited_listeners() {
  std::vector<Inherited> found;
  const char* count = std::getenv("LISTEN_FDS");
  const char* pid = std::getenv("LISTEN_PID");
  const char* names = std::getenv("LISTEN_FDNAMES");
  const bool ours = count && (!pid || std::atol(pid) == ::getpid());
  std::string_view left = ours && names ? names : "";
  for (int i = 0; ours && i < std::atoi(count); ++i) {
    Inherited one;
    one.name = std::string(left.substr(0, left.find(':')));
    left = left.find(':') == std::string_view::npos ? "" : left.substr(left.find(':') + 1);
    one.fd = Fd(3 + i);  // SD_LISTEN_FDS_START
    ::fcntl(one.fd.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(one.fd.get(), F_SETFL, ::fcntl(one.fd.get(), F_GETFL) | O_NONBLOCK);
    one.address = local_address(one.fd.get());
    found.push_back(std::move(one));
  }
  ::unsetenv("LISTEN_FDS");
  ::unsetenv("LISTEN_PID");
  ::unsetenv("LISTEN_FDNAMES");
  return found;
}

Acceptor::Again::Again(Acceptor& a)
    : Timer([](Timer& timer) {
        Acceptor& self = static_cast<Again&>(timer).acceptor;
        if (!self.arm()) self.pause(kPause);
      }),
      acceptor(a) {}

Acceptor::Acceptor(Reactor& reactor, int fd, bool shared, OnAccept on_accept, MayAccept may_accept)
    : reactor_(reactor),
      fd_(fd),
      shared_(shared),
      on_accept_(std::move(on_accept)),
      may_accept_(std::move(may_accept)),
      again_(*this) {}

Owned<Acceptor> Acceptor::start(Reactor& reactor, int fd, bool shared, OnAccept on_accept,
                                MayAccept may_accept) {
  Owned<Acceptor> acceptor(
      new Acceptor(reactor, fd, shared, std::move(on_accept), std::move(may_accept)),
      Bury(reactor));
  if (!acceptor->arm()) return nullptr;
  return acceptor;
}

bool Acceptor::arm() {
  if (fd_ < 0 || armed_) return true;
  std::uint32_t events = EPOLLIN;
  if (shared_) events |= EPOLLEXCLUSIVE;
  return armed_ = reactor_.add(fd_, events, *this);
}

void Acceptor::pause(Duration time) {
  if (armed_) reactor_.remove(fd_);
  armed_ = false;
  reactor_.timers().arm(again_, reactor_.now() + time);
}

void Acceptor::on_events(std::uint32_t) { accept_some(false); }

// False when it ran out of connections, or of descriptors. `all`: whoever may not.
bool Acceptor::accept_some(bool all) {
  for (int i = 0; i < kAcceptsPerTurn && fd_ >= 0; ++i) {
    if (!all && may_accept_ && !may_accept_()) {
      pause(kHold);
      return false;
    }
    sockaddr_storage storage;
    socklen_t length = sizeof storage;
    Fd fd(::accept4(fd_, reinterpret_cast<sockaddr*>(&storage), &length,
                    SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      starved_ = false;
      on_accept_(std::move(fd), Address(reinterpret_cast<const sockaddr*>(&storage), length));
      continue;
    }
    if (errno == EAGAIN) return false;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // Those who wait stay in the backlog until somebody has left.
      if (!std::exchange(starved_, true)) {
        LOG(warn, "cannot accept, waiting", {"error", std::strerror(errno)});
      }
      pause(kPause);
      return false;
    }
    // ECONNABORTED and network errors concern that one connection.
  }
  return fd_ >= 0;
}

void Acceptor::accept_backlog() {
  // Bounded by what a backlog can hold.
  for (int i = 0; i < kBacklog / kAcceptsPerTurn && accept_some(true); ++i) {
  }
}

void Acceptor::close() {
  if (fd_ < 0) return;
  if (armed_) reactor_.remove(fd_);
  fd_ = -1;
  again_.cancel();
}

}  // namespace weir::net
