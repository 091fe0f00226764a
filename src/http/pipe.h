// Pipe: bytes both ways after an upgrade, whatever carries them: a stream of the kernel's, or one
// of a multiplexed connection.
#pragma once

#include <string_view>

#include "base/task.h"
#include "net/stream.h"
#include "net/wait.h"

namespace weir::http {

// Lives on one worker. One reader and one writer at a time.
class Pipe {
 public:
  virtual ~Pipe() = default;
  // Io::eof when the peer has ended its side. The bytes are valid until the next suspension.
  virtual Task<net::Read> read(net::Deadline deadline) = 0;
  virtual Task<net::Io> write(std::string_view bytes, net::Deadline deadline) = 0;
  virtual void shutdown_write() = 0;
};

class StreamPipe final : public Pipe {
 public:
  explicit StreamPipe(net::Stream& stream) : stream_(stream) {}
  Task<net::Read> read(net::Deadline deadline) override {
    const net::Read got = co_await stream_.read(deadline);
    co_return got;
  }
  Task<net::Io> write(std::string_view bytes, net::Deadline deadline) override {
    const net::Io sent = co_await stream_.write(bytes, deadline);
    co_return sent;
  }
  void shutdown_write() override { stream_.shutdown_write(); }

 private:
  net::Stream& stream_;
};

}  // namespace weir::http
