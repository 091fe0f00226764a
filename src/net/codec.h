// Codec: turns the bytes of a stream into others and back, such as TLS. Owned by its stream; null
// for clear text.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "net/wait.h"

namespace weir::net {

// Lives on its stream's reactor. It works upon Stream::raw_read and raw_write; none of its calls
// suspends or resumes a coroutine.
class Codec {
 public:
  virtual ~Codec() = default;

  // The exchange before the first byte: how it ended, or nothing while the peer's turn lasts.
  virtual std::optional<Io> greet() = 0;

  struct Got {
    Io status = Io::ok;
    std::size_t bytes = 0;  // ok and none: nothing yet
    bool more = false;      // there is more to be had without a new event
  };
  virtual Got decode(char* to, std::size_t room) = 0;
  // All of it; what the kernel refuses is the stream's to keep.
  virtual Io encode(std::span<const iovec> pieces) = 0;
  // Says that no more will be sent. Once or more often.
  virtual void finish() = 0;
  // Something came: true when it was the codec's own affair alone.
  virtual bool idle() = 0;

  // What the peers agreed to speak (ALPN); "" without.
  virtual std::string_view protocol() const { return {}; }

 private:
  friend class Stream;
  // The stream's own, kept here because one in the clear needs none of it.
  bool raw_readable_ = false;  // the socket may have more
};

}  // namespace weir::net
