// Stream: one connected byte stream, edge-triggered, with backpressure in both directions.
//
// Lives on one reactor. One reader and one writer at a time. Reading lands in the thread's shared
// scratch (valid until the next suspension), so an idle connection owns no buffer; writing keeps
// what the kernel refuses and suspends until it is gone.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/task.h"
#include "net/address.h"
#include "net/codec.h"
#include "net/reactor.h"

namespace weir::net {

struct Connected;

struct Read {
  Io status = Io::ok;
  std::span<char> bytes{};  // not empty when ok; in the scratch, with Reactor::kSlack behind it
};

class Stream final : public Pollable {
 public:
  // Takes the descriptor, which is connected and does not block; null when it can't be watched.
  static Owned<Stream> adopt(Reactor& reactor, Fd fd);

  class ReadAwait;

  // What has arrived, at most `limit` bytes.
  ReadAwait read(Deadline deadline, std::size_t limit = Reactor::kScratch);
  // All of it, in order. Io::ok when the kernel has it, or will at the end of this turn (outbox.h);
  // an error that is met then shows in later reads and writes. After a write that was given up half
  // way (deadline, interrupt) every later one fails.
  Task<Io> write(std::string_view bytes, Deadline deadline);
  Task<Io> write(std::span<const iovec> pieces, Deadline deadline);

  // From now on bytes pass through it. ready() first: how the exchange before the first byte ended.
  void set_codec(std::unique_ptr<Codec> codec) {
    codec_ = std::move(codec);
    codec_->raw_readable_ = readable_;
  }
  Codec* codec() const { return codec_.get(); }
  ReadAwait ready(Deadline deadline);

  // The next read asks the kernel, though no event has told of anything.
  void look() {
    readable_ = true;
    if (codec_) codec_->raw_readable_ = true;
  }
  // No more will be sent; reading goes on.
  void shutdown_write();
  // Ends at once with a reset, so that the peer can tell it from a proper end. Raises what watches
  // for a hangup.
  void abort();
  void close();
  // Wakes the reader and the writer with Io::cancelled.
  void cancel();

  // True when nothing has come since the last read, neither bytes nor an end, and all that was
  // written has been taken by the kernel. For pools.
  bool quiet() {
    return fd_ >= 0 && (!readable_ || (codec_ && settle())) && !ended_ && !broken_ && !unsent_ &&
           !posted_;
  }
  bool open() const { return fd_ >= 0; }
  // What was written has gone before.
  int fd() {
    post();
    return fd_;
  }
  Reactor& reactor() const { return reader_.reactor(); }

  // While nobody reads: raised when the peer is gone (reset), or has ended its side if
  // `also_end`. At once if that is known already. Null to stop.
  void watch_hangup(Interrupt* interrupt, bool also_end);

  // For the codec. Bytes read; 0 at the end, -1 when there is nothing now, -2 when broken.
  std::ptrdiff_t raw_read(char* to, std::size_t room);
  bool raw_readable() const { return codec_->raw_readable_; }
  // Sends, and keeps what the kernel refuses. False when broken.
  bool raw_write(std::string_view bytes);

  void on_events(std::uint32_t events) override;

 private:
  friend class Outbox;
  friend Task<Connected> connect(Reactor&, Address, Deadline, Fd);
  class WriteAwait;
  // Refused by the kernel.
  struct Unsent {
    std::string bytes;
    std::size_t begin = 0;
  };
  Stream(Reactor& reactor, Fd fd);
  bool try_read(std::size_t limit);
  bool try_write(const iovec* pieces, std::size_t count);
  bool try_decode(std::size_t limit);
  bool try_encode(const iovec* pieces, std::size_t count);
  bool put(std::span<const iovec> pieces, std::size_t total);
  void post();
  void send_posted(std::string_view bytes);
  bool send_or_keep(std::string_view bytes);
  void keep(std::string_view bytes);
  bool settle();
  bool flush();
  Task<Io> flushed(Deadline deadline);
  void fault(int error);

  Waiter reader_;
  Waiter* writer_ = nullptr;  // who waits until all is sent, or connected
  int fd_;
  bool readable_ = false;
  bool ended_ = false;      // the peer ended its side; known from an event
  bool broken_ = false;     // both sides have ended, or the connection was reset
  bool reset_ = false;      // an error was met: what ends now does not end properly
  bool posted_ = false;     // the outbox has some of it
  bool given_up_ = false;   // a write was, half way
  bool end_later_ = false;  // shut down once nothing is unsent
  bool connecting_ = false;
  bool hangup_on_end_ = false;
  Io write_status_ = Io::ok;
  std::uint32_t read_limit_ = 0;
  Read got_;
  Interrupt* hangup_ = nullptr;
  std::unique_ptr<Codec> codec_;
  std::unique_ptr<Unsent> unsent_;  // null: nothing
};

class Stream::ReadAwait {
 public:
  ReadAwait(Stream& stream, Deadline deadline, std::size_t limit)
      : stream_(stream), deadline_(deadline), limit_(limit) {}
  bool await_ready() { return stream_.try_read(limit_); }
  bool await_suspend(std::coroutine_handle<> handle);
  Read await_resume();

 private:
  Stream& stream_;
  Deadline deadline_;
  std::size_t limit_;
  bool waited_ = false;
};

struct Connected {
  Io status = Io::failed;
  Owned<Stream> stream{};
};
// `prepared`: a socket made already, say one that is bound to a source; none: a new one.
Task<Connected> connect(Reactor& reactor, Address address, Deadline deadline, Fd prepared = Fd());

}  // namespace weir::net
