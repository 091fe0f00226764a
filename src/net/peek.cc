#include "net/peek.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace weir::net {

// True when there is something to tell, in got_.
bool Peek::look() {
  char* scratch = waiter_.reactor().scratch();
  ssize_t n;
  do {
    n = ::recv(fd_, scratch, Reactor::kScratch, MSG_PEEK | MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  if (n < 0 && errno != EAGAIN) {
    got_ = Peeked{Io::reset, {}};
    return true;
  }
  const std::size_t size = n < 0 ? 0 : static_cast<std::size_t>(n);
  if (size > seen_) {
    seen_ = size;
    got_ = Peeked{Io::ok, {scratch, size}};
    return true;
  }
  if (n == 0 || ended_) {
    got_ = Peeked{Io::eof, {}};
    return true;
  }
  return false;
}

void Peek::on_events(std::uint32_t events) {
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ended_ = true;
  if (waiter_.waiting() && look()) waiter_.wake(got_.status);
}

void Peek::close() {
  if (watched_) waiter_.reactor().remove(fd_);
  watched_ = false;
}

bool Peek::Await::await_suspend(std::coroutine_handle<> handle) {
  if (!peek_.watched_) {
    // Edge-triggered: what came since the look makes an edge now.
    peek_.watched_ = peek_.waiter_.reactor().add(peek_.fd_, EPOLLIN | EPOLLRDHUP | EPOLLET, peek_);
    if (!peek_.watched_) {
      peek_.got_ = Peeked{Io::failed, {}};
      return false;
    }
  }
  waited_ = peek_.waiter_.wait(handle, deadline_);
  if (!waited_) peek_.got_ = Peeked{peek_.waiter_.result(), {}};
  return waited_;
}

Peeked Peek::Await::await_resume() {
  const Io woken = peek_.waiter_.result();
  if (waited_ && (woken == Io::timeout || woken == Io::cancelled)) return Peeked{woken, {}};
  return peek_.got_;
}

bool take_off(Reactor& reactor, int fd, std::size_t size) {
  while (size > 0) {
    const ssize_t n =
        ::recv(fd, reactor.scratch(), std::min(size, Reactor::kScratch), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace weir::net
