// H1Call: one request to an endpoint and its response, over an HTTP/1 connection.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/task.h"
#include "http/call.h"
#include "http/chunk.h"
#include "http/exchange.h"
#include "http/head.h"
#include "http/writer.h"
#include "net/stream.h"

namespace weir::http {

// Lives on one worker. Keeps its stream until release().
class H1Call final : public Call {
 public:
  H1Call(net::Owned<net::Stream> stream, HeadLimits limits);
  ~H1Call() override;

  Task<net::Io> start(const RequestHead& request, const Forwarded& forwarded, std::string_view body,
                      bool last, net::Deadline deadline) override;
  Task<net::Io> write(std::string_view piece, bool last, net::Deadline deadline) override;
  Task<net::Io> finish(const Fields& trailers, net::Deadline deadline) override;
  Task<Answer> read_head(net::Deadline deadline) override;
  Task<Piece> read_body(net::Deadline deadline) override;
  net::Stream* tunnel(std::string& early) override;

  // The stream, for the next request: null unless both messages ended properly.
  net::Owned<net::Stream> release();
  net::Stream& stream() { return *stream_; }

 private:
  struct Memory;
  bool decode(std::span<char> bytes, std::string_view& payload);
  Answer answer(std::string_view bytes, std::size_t length);

  net::Owned<net::Stream> stream_;
  HeadLimits limits_;
  std::unique_ptr<Memory> memory_;
  std::uint64_t left_ = 0;
  ChunkDecoder decoder_;
  std::string trailer_bytes_;
  std::string next_;  // bytes behind a 1xx
  const char* wrong_ = nullptr;
  bool to_head_ = false;
  bool chunked_out_ = false;
  bool sent_ = false;     // the request is complete, in the stream's hands
  bool done_ = false;     // the response is complete
  bool surplus_ = false;  // bytes behind it
};

}  // namespace weir::http
