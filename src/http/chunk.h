// ChunkDecoder: the chunked transfer coding (RFC 9112 section 7.1), decoded in place, strictly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/head.h"

namespace weir::http {

// Feed it what arrives; the payload is moved together at the start of the fed bytes. Sizes have at
// most 15 hex digits; an extension is ignored, at most 256 bytes of it; trailers are kept.
class ChunkDecoder {
 public:
  enum class Status : std::uint8_t { more, done, bad };
  struct Fed {
    Status status = Status::more;
    std::size_t payload = 0;   // bytes at the start of what was fed
    std::size_t consumed = 0;  // of what was fed; the rest belongs to the next message
    const char* reason = "";   // when bad
  };

  // `bytes` need not have slack behind it.
  Fed feed(std::span<char> bytes);
  // Trailer lines with the empty line after them, once done; "" without trailers.
  const std::string& trailers() const { return trailers_; }

 private:
  enum class State : std::uint8_t {
    size_first,
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer,
    done
  };

  State state_ = State::size_first;
  std::uint8_t digits_ = 0;
  std::uint16_t extension_ = 0;
  std::uint64_t left_ = 0;
  std::string trailers_;
};

}  // namespace weir::http
