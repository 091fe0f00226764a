#include "bench/connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <vector>

namespace weir::bench {
namespace {

constexpr std::size_t kScratch = 256 * 1024;

}  // namespace

Connection::Connection(Loop& loop, User& user, std::uint16_t port, std::size_t index,
                       TlsClient* tls)
    : loop_(loop), user_(user), port_(port), index_(index), tls_(tls) {}

void Connection::open() {
  up_ = waiting_ = false;
  unsent_ = {};
  reader_ = ResponseReader();
  channel_.reset();
  auto socket = connect_to(port_);
  if (!socket) return user_.on_broken(*this, "cannot connect");
  socket_ = *std::move(socket);
  loop_.watch(socket_, *this);
}

void Connection::close() { socket_.reset(); }

void Connection::send(std::string_view request) {
  waiting_ = true;
  unsent_ = request;
  // A broken socket shows itself as an event.
  send_rest();
}

void Connection::send_rest() {
  if (channel_) {
    channel_->send_some(unsent_);
  } else {
    send_some(socket_, unsent_);
  }
}

// True once bytes can be sent.
bool Connection::greet() {
  if (!tls_) return true;
  if (!channel_) channel_.emplace(*tls_, socket_.get());
  const TlsChannel::Step step = channel_->handshake();
  if (step == TlsChannel::Step::broken) broken("TLS handshake failed");
  return step == TlsChannel::Step::done;
}

void Connection::on_ready(std::uint32_t events) {
  if (!socket_) return;
  if (!up_) {
    if (events & (EPOLLERR | EPOLLHUP)) return broken("cannot connect");
    if (!(events & EPOLLOUT) && !channel_) return;
    if (!greet()) return;
    up_ = true;
    user_.on_open(*this);
  } else if (!unsent_.empty()) {
    send_rest();
  }
  const bool ends = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if ((events & EPOLLIN) || ends) read(ends);
}

void Connection::read(bool ends) {
  static std::vector<char> scratch(kScratch);
  while (socket_) {
    const ssize_t got = channel_ ? channel_->receive(scratch.data(), scratch.size())
                                 : ::recv(socket_.get(), scratch.data(), scratch.size(), 0);
    if (channel_ ? got == -1 : got < 0 && errno == EAGAIN) return;
    if (got < 0) return broken("connection reset");
    if (got == 0) return broken(waiting_ ? "closed without a full answer" : "closed while idle");
    take(std::string_view(scratch.data(), static_cast<std::size_t>(got)));
    // A short read has emptied the socket; the next bytes are a new event.
    if (static_cast<std::size_t>(got) < scratch.size() && !ends && !channel_) return;
  }
}

void Connection::take(std::string_view bytes) {
  while (socket_) {
    if (!waiting_ && !bytes.empty()) return broken("bytes that nobody asked for");
    const ResponseReader::Step step = reader_.next(bytes);
    switch (step.kind) {
      case ResponseReader::Kind::more:
        return;
      case ResponseReader::Kind::body:
        user_.on_body(*this, step.body);
        break;
      case ResponseReader::Kind::done:
        // The next request must not be answered by what came before it.
        if (!bytes.empty()) return broken("more bytes than the answer has");
        waiting_ = false;
        user_.on_answer(*this, reader_.status());
        break;
      case ResponseReader::Kind::wrong:
        return broken("not an HTTP response");
    }
  }
}

void Connection::broken(std::string_view why) {
  socket_.reset();
  user_.on_broken(*this, why);
}

}  // namespace weir::bench
