// H1Exchange: an Exchange over HTTP/1. Part of H1Server.
#pragma once

#include <string>

#include "http/chunk.h"
#include "http/exchange.h"
#include "http/h1_server.h"

namespace weir::http {

// The bytes of one request and what was parsed of them; recycled by thread.
struct RequestMemory {
  std::string bytes;
  RequestHead head;
};

class H1Exchange final : public Exchange {
 public:
  // `head_length`: of memory.bytes; what follows is body, then perhaps the next request.
  H1Exchange(H1Server& server, RequestMemory& memory, std::size_t head_length);

  const net::Codec* codec() const override;
  bool body_arrived() const override { return body_done_; }
  Task<Piece> read_body(net::Interrupt& stop) override;
  const Fields* trailers() const override { return trailers_.list.empty() ? nullptr : &trailers_; }
  Task<net::Io> start(Reply reply, std::string_view piece, bool last) override;
  Task<net::Io> write(std::string_view piece, bool last) override;
  Task<net::Io> finish(const Fields& trailers) override;
  Task<net::Io> interim(const Reply& reply) override;
  void abort() override;
  net::Stream* tunnel(std::string& early) override;

  // For the server, once the handler is done.
  bool started() const { return status_ != 0; }
  bool ended() const { return ended_; }
  bool keep_alive() const { return keep_alive_ && ended_ && body_done_; }
  bool aborted() const { return aborted_; }
  bool has_rest() const { return !rest_.empty(); }
  // The bytes behind this request; once.
  std::string take_rest();

 private:
  const H1Settings& settings() const;
  Task<Piece> read_more(net::Interrupt* stop);
  // Consumes body bytes; sets where the payload is. False when the client broke the rules.
  bool decode(std::span<char> bytes, std::string_view& payload);
  Piece broken(std::uint16_t status, const char* reason);
  net::Deadline write_deadline();  // ends early when the client is gone

  H1Server& server_;
  RequestMemory& memory_;
  std::string_view buffered_;  // payload that came with the head
  std::string rest_;
  std::uint64_t left_ = 0;  // of a body with a length
  ChunkDecoder decoder_;
  Fields trailers_;
  std::string trailer_bytes_;
  const char* wrong_ = nullptr;
  std::uint16_t wrong_status_ = 400;
  bool body_done_ = false;   // all of it has arrived and is well formed
  bool last_given_ = false;  // read_body has returned the last piece
  bool first_given_ = false;
  bool continued_ = false;
  bool chunked_out_ = false;
  bool bodiless_ = false;  // the response has no body, whatever is written
  bool keep_alive_ = true;
  bool ended_ = false;
  bool aborted_ = false;
};

}  // namespace weir::http
