// ResponseReader: takes HTTP/1.1 responses apart, one after another, from pieces as they arrive.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::bench {

// Understands Content-Length and chunked bodies, which is all that a proxy of ours may answer with.
class ResponseReader {
 public:
  enum class Kind : std::uint8_t {
    more,   // all bytes are used up
    body,   // `body` is the next piece, decoded
    done,   // the response is complete
    wrong,  // not a response that we understand; the reader is spent
  };
  struct Step {
    Kind kind;
    std::string_view body{};
  };

  // Takes what it uses off `bytes`. A piece of body lives as long as the bytes do.
  Step next(std::string_view& bytes);

  int status() const { return status_; }  // of the response under way, or just done
  bool idle() const { return state_ == State::head && partial_.empty(); }

 private:
  enum class State : std::uint8_t { head, sized, chunk_size, chunk_data, chunk_end, trailers };

  // The text up to and with `end`, once it is there; else empty, and the bytes are kept.
  std::string_view take_until(std::string_view end, std::string_view& bytes);
  bool read_head(std::string_view head);

  State state_ = State::head;
  int status_ = 0;
  std::uint64_t left_ = 0;  // of the body, or of the chunk
  std::string partial_;     // of a head or line that came in pieces
  std::string joined_;      // the same, complete
};

}  // namespace weir::bench
