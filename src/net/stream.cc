#include "net/stream.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "net/farewell.h"

namespace weir::net {
namespace {

Io io_of(int error) {
  switch (error) {
    case ECONNREFUSED:
    case ENOENT:
      return Io::refused;
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED:
      return Io::reset;
    case ETIMEDOUT:
      return Io::timeout;
    default:
      return Io::failed;
  }
}

std::string_view view_of(const iovec& piece) {
  return {static_cast<const char*>(piece.iov_base), piece.iov_len};
}

constexpr std::uint32_t kInterest = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

}  // namespace

Stream::Stream(Reactor& reactor, Fd fd) : reader_(reactor), fd_(fd.release()) {}

// Its waiter is not the stream's: an idle connection needs none.
class Stream::WriteAwait {
 public:
  WriteAwait(Stream& stream, Deadline deadline)
      : stream_(stream), waiter_(stream.reactor()), deadline_(deadline) {}
  ~WriteAwait() { leave(); }
  WriteAwait(const WriteAwait&) = delete;
  WriteAwait& operator=(const WriteAwait&) = delete;
  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> handle) {
    DCHECK(!stream_.writer_);
    waits_ = waiter_.wait(handle, deadline_);
    if (waits_) stream_.writer_ = &waiter_;
    return waits_;
  }
  Io await_resume() {
    leave();
    return waiter_.result();
  }

 private:
  void leave() {
    if (std::exchange(waits_, false)) stream_.writer_ = nullptr;
  }
  Stream& stream_;
  Waiter waiter_;
  Deadline deadline_;
  bool waits_ = false;
};

Owned<Stream> Stream::adopt(Reactor& reactor, Fd fd) {
  const int one = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);  // fails on Unix sockets
  Owned<Stream> stream(new Stream(reactor, std::move(fd)), Bury(reactor));
  if (!reactor.add(stream->fd_, kInterest, *stream)) return nullptr;
  return stream;
}

void Stream::fault(int error) {
  broken_ = true;
  if (error != EPIPE) reset_ = true;
}

// True when there is a result in got_.
bool Stream::try_read(std::size_t limit) {
  if (fd_ < 0) {
    got_ = Read{Io::cancelled, {}};
    return true;
  }
  if (codec_) return try_decode(limit);
  if (!readable_) return false;
  char* scratch = reactor().scratch();
  const std::size_t room = std::min(limit, Reactor::kScratch);
  const ssize_t n = ::recv(fd_, scratch, room, 0);
  if (n > 0) {
    // A short read empties the socket; the next edge comes with new bytes. After the peer's end
    // no edge will come any more.
    if (static_cast<std::size_t>(n) < room && !ended_) readable_ = false;
    got_ = Read{Io::ok, {scratch, static_cast<std::size_t>(n)}};
    return true;
  }
  // EPIPE: the peer ended its side, and reset the connection for what we sent after that.
  if (n == 0 || errno == EPIPE) {
    ended_ = true;
    // The kernel tells of a reset once, perhaps to a writer; after that a read looks like an end.
    got_ = Read{reset_ ? Io::reset : Io::eof, {}};
    return true;
  }
  if (errno == EAGAIN || errno == EINTR) {
    if (errno == EAGAIN) readable_ = false;
    return errno == EINTR ? try_read(limit) : false;
  }
  fault(errno);
  got_ = Read{io_of(errno), {}};
  return true;
}

// True when all is sent or the stream is broken: write_status_ says.
bool Stream::try_write(const iovec* pieces, std::size_t count) {
  if (fd_ < 0) {
    write_status_ = Io::cancelled;
    return true;
  }
  if (codec_) return try_encode(pieces, count);
  if (given_up_) {
    write_status_ = Io::failed;
    return true;
  }
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) total += pieces[i].iov_len;
  if (put(std::span(pieces, count), total)) {
    write_status_ = Io::ok;
    return true;
  }
  if (unsent_) {  // of what was posted
    for (std::size_t i = 0; i < count; ++i) keep(view_of(pieces[i]));
    return false;
  }
  ssize_t n;
  do {
    if (count == 1) {
      n = ::send(fd_, pieces->iov_base, pieces->iov_len, MSG_NOSIGNAL);
    } else {
      msghdr message{};
      message.msg_iov = const_cast<iovec*>(pieces);
      message.msg_iovlen = count;
      n = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    }
  } while (n < 0 && errno == EINTR);
  if (n < 0 && errno != EAGAIN) {
    fault(errno);
    write_status_ = io_of(errno);
    return true;
  }
  std::size_t sent = n < 0 ? 0 : static_cast<std::size_t>(n);
  if (sent == total) {
    write_status_ = Io::ok;
    return true;
  }
  unsent_ = std::make_unique<Unsent>();
  unsent_->bytes.reserve(total - sent);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t skip = std::min(sent, pieces[i].iov_len);
    sent -= skip;
    keep(view_of(pieces[i]).substr(skip));
  }
  return false;
}

// True when it is in the outbox. Else nothing of this stream is there any more.
bool Stream::put(std::span<const iovec> pieces, std::size_t total) {
  if (!unsent_ && !broken_ && reactor().outbox().put(*this, pieces, total)) {
    posted_ = true;
    return true;
  }
  post();
  return false;
}

void Stream::post() {
  if (posted_) reactor().outbox().send();
}

void Stream::send_posted(std::string_view bytes) {
  posted_ = false;
  if (fd_ >= 0 && !broken_) send_or_keep(bytes);
}

// True when nothing is unsent any more or the stream is broken.
bool Stream::flush() {
  while (unsent_ && unsent_->begin < unsent_->bytes.size()) {
    const ssize_t n = ::send(fd_, unsent_->bytes.data() + unsent_->begin,
                             unsent_->bytes.size() - unsent_->begin, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return false;
    if (n < 0) {
      fault(errno);
      write_status_ = io_of(errno);
      unsent_.reset();
      return true;
    }
    unsent_->begin += static_cast<std::size_t>(n);
  }
  unsent_.reset();
  write_status_ = Io::ok;
  if (end_later_) ::shutdown(fd_, SHUT_WR);
  return true;
}

// ---------------------------------------------------------------- with a codec

bool Stream::try_decode(std::size_t limit) {
  if (limit == 0) {  // ready()
    const std::optional<Io> done = codec_->greet();
    if (!done) return false;
    readable_ = true;  // bytes may have come behind it, and been taken in already
    got_ = Read{*done, {}};
    return true;
  }
  if (!readable_) return false;
  char* scratch = reactor().scratch();
  const Codec::Got got = codec_->decode(scratch, std::min(limit, Reactor::kScratch));
  readable_ = got.more || got.status != Io::ok;
  if (got.status == Io::ok && got.bytes == 0) return false;
  got_ = Read{got.status, {scratch, got.bytes}};
  return true;
}

bool Stream::try_encode(const iovec* pieces, std::size_t count) {
  write_status_ = given_up_ ? Io::failed : codec_->encode(std::span(pieces, count));
  return write_status_ != Io::ok || !unsent_;
}

// What has come is perhaps no byte for us, nor an end.
bool Stream::settle() {
  if (!codec_->idle()) return false;
  readable_ = false;
  return true;
}

std::ptrdiff_t Stream::raw_read(char* to, std::size_t room) {
  if (fd_ < 0) return -2;
  if (!codec_->raw_readable_) return -1;
  ssize_t n;
  do {
    n = ::recv(fd_, to, room, 0);
  } while (n < 0 && errno == EINTR);
  if (n > 0) {
    // As in try_read: the next edge comes with new bytes.
    if (static_cast<std::size_t>(n) < room && !ended_) codec_->raw_readable_ = false;
    return n;
  }
  if (n == 0 || errno == EPIPE) {
    ended_ = true;
    return reset_ ? -2 : 0;
  }
  if (errno == EAGAIN) {
    codec_->raw_readable_ = false;
    return -1;
  }
  fault(errno);
  return -2;
}

bool Stream::raw_write(std::string_view bytes) {
  if (fd_ < 0) return false;
  const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  return put(std::span(&piece, 1), bytes.size()) || send_or_keep(bytes);
}

// False when broken.
bool Stream::send_or_keep(std::string_view bytes) {
  while (!unsent_ && !bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      fault(errno);
      return false;
    }
  }
  if (!bytes.empty()) keep(bytes);
  return true;
}

void Stream::keep(std::string_view bytes) {
  if (!unsent_) unsent_ = std::make_unique<Unsent>();
  unsent_->bytes.erase(0, std::exchange(unsent_->begin, 0));
  unsent_->bytes.append(bytes);
}

void Stream::on_events(std::uint32_t events) {
  if (fd_ < 0) return;  // closed in this very turn
  if (connecting_) {
    if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) return;
    connecting_ = false;
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
    if (events & EPOLLIN) readable_ = true;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ended_ = true;
    if (writer_) writer_->wake(error == 0 ? Io::ok : io_of(error));
    return;
  }
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ended_ = true;
  if (events & (EPOLLERR | EPOLLHUP)) broken_ = true;
  if (events & ~static_cast<std::uint32_t>(EPOLLOUT)) {
    readable_ = true;
    if (codec_) codec_->raw_readable_ = true;
  }
  if (hangup_ && (broken_ || (ended_ && hangup_on_end_))) {
    std::exchange(hangup_, nullptr)->raise();
  }
  // Also while nobody writes: a codec has bytes of its own, and some were posted.
  if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) && (!given_up_ || codec_) && unsent_ && flush() &&
      writer_) {
    writer_->wake(write_status_);
    if (fd_ < 0) return;
  }
  if (readable_ && reader_.waiting() && try_read(read_limit_)) reader_.wake(got_.status);
}

void Stream::watch_hangup(Interrupt* interrupt, bool also_end) {
  hangup_ = interrupt;
  hangup_on_end_ = also_end;
  if (hangup_ && (broken_ || (ended_ && hangup_on_end_))) std::exchange(hangup_, nullptr)->raise();
}

void Stream::shutdown_write() {
  if (fd_ < 0) return;
  if (codec_) codec_->finish();
  post();
  end_later_ = unsent_ && !given_up_;
  if (!end_later_) ::shutdown(fd_, SHUT_WR);
}

void Stream::abort() {
  if (fd_ < 0) return;
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  if (hangup_) std::exchange(hangup_, nullptr)->raise();
  broken_ = true;  // the codec has nothing to say either
  close();
}

void Stream::close() {
  if (fd_ < 0) return;
  if (codec_ && !broken_ && !ended_) codec_->finish();
  post();
  // Not left to close(): a child between fork and exec may hold the description open a while, and
  // its events would name a stream that is gone.
  reactor().remove(fd_);
  Fd fd(std::exchange(fd_, -1));
  if (unsent_ && !writer_ && !given_up_ && !broken_) {
    Farewell::begin(reactor(), std::move(fd), unsent_->bytes.substr(unsent_->begin));
  }
  hangup_ = nullptr;
  cancel();
}

void Stream::cancel() {
  got_ = Read{Io::cancelled, {}};
  if (reader_.waiting()) reader_.wake_later(Io::cancelled);
  if (writer_) writer_->wake_later(Io::cancelled);
}

Stream::ReadAwait Stream::read(Deadline deadline, std::size_t limit) {
  return ReadAwait(*this, deadline, limit);
}

Stream::ReadAwait Stream::ready(Deadline deadline) { return ReadAwait(*this, deadline, 0); }

Task<Io> Stream::write(std::string_view bytes, Deadline deadline) {
  const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  return write(std::span(&piece, 1), deadline);
}

Task<Io> Stream::write(std::span<const iovec> pieces, Deadline deadline) {
  if (try_write(pieces.data(), pieces.size())) return write_status_;
  return flushed(deadline);
}

Task<Io> Stream::flushed(Deadline deadline) {
  WriteAwait sent(*this, deadline);
  const Io status = co_await sent;
  if (status != Io::ok) given_up_ = true;
  co_return status;
}

bool Stream::ReadAwait::await_suspend(std::coroutine_handle<> handle) {
  stream_.read_limit_ = static_cast<std::uint32_t>(limit_);
  waited_ = stream_.reader_.wait(handle, deadline_);
  if (!waited_) stream_.got_ = Read{stream_.reader_.result(), {}};
  return waited_;
}

Read Stream::ReadAwait::await_resume() {
  const Io woken = stream_.reader_.result();
  // A wake by deadline or interrupt carries no bytes.
  if (waited_ && (woken == Io::timeout || woken == Io::cancelled)) return Read{woken, {}};
  return stream_.got_;
}

Task<Connected> connect(Reactor& reactor, Address address, Deadline deadline, Fd prepared) {
  Fd fd = std::move(prepared);
  if (!fd) fd = Fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) co_return Connected{Io::failed, nullptr};
  int result;
  do {
    result = ::connect(fd.get(), address.data(), address.length());
  } while (result != 0 && errno == EINTR);
  if (result != 0 && errno != EINPROGRESS) co_return Connected{io_of(errno), nullptr};
  const bool pending = result != 0;
  Owned<Stream> stream = Stream::adopt(reactor, std::move(fd));
  if (!stream) co_return Connected{Io::failed, nullptr};
  if (pending) {
    stream->connecting_ = true;
    Stream::WriteAwait connected(*stream, deadline);
    const Io status = co_await connected;
    if (status != Io::ok) co_return Connected{status, nullptr};
  }
  co_return Connected{Io::ok, std::move(stream)};
}

}  // namespace weir::net
