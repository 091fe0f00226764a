// Call: one request to an endpoint and its response, whatever the version of the protocol. H1Call
// has a connection to itself; H2Call is a stream of a connection that others share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/task.h"
#include "http/exchange.h"
#include "http/head.h"
#include "http/pipe.h"
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

// Lives on one worker.
class Call {
 public:
  Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  virtual ~Call() = default;

  // The head with what is there of the body, in one write. `last`: the body is complete.
  virtual Task<net::Io> start(const RequestHead& request, const Forwarded& forwarded,
                              std::string_view body, bool last, net::Deadline deadline) = 0;
  virtual Task<net::Io> write(std::string_view piece, bool last, net::Deadline deadline) = 0;
  virtual Task<net::Io> finish(const Fields& trailers, net::Deadline deadline) = 0;

  // The next response head: an informational one (1xx), or the final one.
  virtual Task<Answer> read_head(net::Deadline deadline) = 0;
  // The next piece of the final response's body.
  virtual Task<Piece> read_body(net::Deadline deadline) = 0;
  const Fields* trailers() const { return trailers_.list.empty() ? nullptr : &trailers_; }

  // A byte of the response has come.
  bool answered() const { return answered_; }
  // The endpoint has said that it did nothing with the request, or cannot have seen it.
  virtual bool untouched() const { return false; }
  // After a 101: the raw stream, and what came behind the head; or else a pipe.
  virtual net::Stream* tunnel(std::string& early) = 0;
  virtual Pipe* pipe() { return nullptr; }
  std::uint64_t bytes_in() const { return bytes_in_; }  // of the response body

 protected:
  Fields trailers_;
  std::uint64_t bytes_in_ = 0;
  bool answered_ = false;
};

}  // namespace weir::http
