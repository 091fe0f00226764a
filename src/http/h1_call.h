// H1Call: one request to an endpoint and its response, over an HTTP/1 connection.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/task.h"
#include "http/chunk.h"
#include "http/exchange.h"
#include "http/head.h"
#include "http/writer.h"
#include "net/stream.h"

namespace weir::http {

// A response head with what came of its body; valid until the next suspension.
struct Answer {
  net::Io status = net::Io::ok;
  const ResponseHead* head = nullptr;  // when ok
  std::string_view piece{};            // first bytes of the body
  bool last = false;                   // and they are all
  const char* wrong = nullptr;         // the endpoint broke the protocol
};

// Lives on one worker. Keeps its stream until release().
class H1Call {
 public:
  H1Call(net::Owned<net::Stream> stream, HeadLimits limits);
  ~H1Call();
  H1Call(const H1Call&) = delete;
  H1Call& operator=(const H1Call&) = delete;

  // The head with what is there of the body, in one write. `last`: the body is complete.
  Task<net::Io> start(const RequestHead& request, const Forwarded& forwarded, std::string_view body,
                      bool last, net::Deadline deadline);
  Task<net::Io> write(std::string_view piece, bool last, net::Deadline deadline);
  Task<net::Io> finish(const Fields& trailers, net::Deadline deadline);

  // The next response head: an informational one (1xx), or the final one.
  Task<Answer> read_head(net::Deadline deadline);
  // The next piece of the final response's body.
  Task<Piece> read_body(net::Deadline deadline);
  const Fields* trailers() const { return trailers_.list.empty() ? nullptr : &trailers_; }

  // A byte of the response has come.
  bool answered() const { return answered_; }
  // After a 101: the raw stream, and what came behind the head.
  net::Stream* tunnel(std::string& early);
  // The stream, for the next request: null unless both messages ended properly.
  net::Owned<net::Stream> release();
  net::Stream& stream() { return *stream_; }
  std::uint64_t bytes_in() const { return bytes_in_; }  // of the response body

 private:
  struct Memory;
  bool decode(std::span<char> bytes, std::string_view& payload);
  Answer answer(std::string_view bytes, std::size_t length);

  net::Owned<net::Stream> stream_;
  HeadLimits limits_;
  std::unique_ptr<Memory> memory_;
  std::uint64_t left_ = 0;
  std::uint64_t bytes_in_ = 0;
  ChunkDecoder decoder_;
  Fields trailers_;
  std::string trailer_bytes_;
  std::string next_;  // bytes behind a 1xx
  const char* wrong_ = nullptr;
  bool to_head_ = false;
  bool chunked_out_ = false;
  bool sent_ = false;  // the request is complete, in the stream's hands
  bool answered_ = false;
  bool done_ = false;     // the response is complete
  bool surplus_ = false;  // bytes behind it
};

}  // namespace weir::http
