#include "net/farewell.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace weir::net {

Farewell::Limit::Limit(Farewell& f)
    : Timer([](Timer& timer) { static_cast<Limit&>(timer).farewell.end(); }), farewell(f) {}

Farewell::Farewell(Reactor& reactor, Fd fd, std::string rest)
    : reactor_(reactor), fd_(std::move(fd)), rest_(std::move(rest)), limit_(*this) {}

void Farewell::begin(Reactor& reactor, Fd fd, std::string rest) {
  std::unique_ptr<Farewell> farewell(new Farewell(reactor, std::move(fd), std::move(rest)));
  if (!reactor.add(farewell->fd_.get(), EPOLLOUT | EPOLLET, *farewell)) return;
  reactor.timers().arm(farewell->limit_, reactor.now() + kPatience);
  reactor.own(std::move(farewell));
}

void Farewell::on_events(std::uint32_t events) {
  if (!fd_) return;
  while (!(events & (EPOLLERR | EPOLLHUP)) && !rest_.empty()) {
    const ssize_t n = ::send(fd_.get(), rest_.data(), rest_.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) break;
    rest_.erase(0, static_cast<std::size_t>(n));
  }
  end();
}

void Farewell::end() {
  limit_.cancel();
  reactor_.remove(fd_.get());
  fd_ = Fd();
  reactor_.bury(this);
}

}  // namespace weir::net
