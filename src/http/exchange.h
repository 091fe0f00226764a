// Exchange: one request and its response as a server sees them, whatever the protocol version.
// HTTP/1 (h1_server.h) and HTTP/2 (h2_server.h) implement it; what serves requests is written
// against this alone.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/task.h"
#include "http/head.h"
#include "model/desired.h"
#include "model/ip.h"
#include "net/address.h"
#include "net/stream.h"
#include "net/wait.h"

namespace weir::http {

class Pipe;

// A piece of a body. The bytes are valid until the next suspension.
struct Piece {
  net::Io status = net::Io::ok;
  std::string_view bytes{};
  bool last = false;         // the body ends here, properly
  std::uint16_t refuse = 0;  // the peer broke the rules: answer with this status (400, 408, 413)
  const char* reason = "";
};

// The head of a response.
struct Reply {
  std::uint16_t status = 200;
  std::string_view reason;          // "" for the usual phrase
  const Fields* pass = nullptr;     // an endpoint's fields, hop-by-hop ones left out
  std::span<const HeaderView> add;  // written after them
  Framing framing;                  // of the body that follows
  bool close = false;               // the connection ends with this response
};

// Who is on the other side.
struct Peer {
  Ip ip;  // none on a Unix socket
  std::uint16_t port = 0;
  std::uint16_t local_port = 0;  // where it connected to
  Ip local_ip;                   // likewise; none where nobody asked for it
  std::uint32_t uid = ~0u;       // on a Unix socket, of the peer's process
};
Peer peer_of(int fd, const net::Address& peer);

class Exchange {
 public:
  virtual ~Exchange() = default;

  const RequestHead& request() const { return *head_; }
  const Peer& peer() const { return peer_; }
  // What the connection runs over; null in the clear.
  virtual const net::Codec* codec() const { return nullptr; }
  // Raised when the client is gone: nobody needs the answer.
  net::Interrupt& gone() { return gone_; }
  std::uint64_t bytes_in() const { return bytes_in_; }    // of the body
  std::uint64_t bytes_out() const { return bytes_out_; }  // of the body
  std::uint16_t status() const { return status_; }        // of the response so far; 0 before

  // All of the request body has arrived, or there is none.
  virtual bool body_arrived() const = 0;
  // The next piece, or Io::cancelled once `stop` is raised. The first one is what came with the
  // head, perhaps nothing, and suspends nothing. After `last` not to be called again.
  virtual Task<Piece> read_body(net::Interrupt& stop) = 0;
  // Trailer fields of the request body, after its last piece; null without.
  virtual const Fields* trailers() const = 0;

  // The head with the first piece of its body, in one write. `last`: the body is complete.
  virtual Task<net::Io> start(Reply reply, std::string_view piece, bool last) = 0;
  virtual Task<net::Io> write(std::string_view piece, bool last) = 0;
  // Ends the body with trailers, where the protocol has them.
  virtual Task<net::Io> finish(const Fields& trailers) = 0;
  // An informational response (1xx) before the final one.
  virtual Task<net::Io> interim(const Reply& reply) = 0;
  // Breaks the connection so that the client can tell it from a proper end.
  virtual void abort() = 0;
  // After start() of a 101: the raw stream, and what the client sent after its head.
  // Null where there is none, and pipe() is what to use.
  virtual net::Stream* tunnel(std::string& early) = 0;
  virtual Pipe* pipe() { return nullptr; }

  // A whole response of our own.
  Task<net::Io> respond(std::uint16_t status, std::string_view content_type, std::string_view body,
                        std::span<const HeaderView> add = {}, bool close = false);

 protected:
  RequestHead* head_ = nullptr;
  Peer peer_;
  net::Interrupt gone_;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  std::uint16_t status_ = 0;
};

// What a server's connections obey, from the next request on.
struct H1Settings {
  ListenerLimits limits;
  bool keep_half_closed = false;
};

// Serves exchanges: the proxy, the admin API. Lives on one reactor.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Task<> handle(Exchange& exchange) = 0;
  virtual const H1Settings& settings() const = 0;
  // A request that could not be read; answered already. For records.
  virtual void refused(std::uint16_t /*status*/, const char* /*reason*/) {}
};

std::string_view reason_phrase(std::uint16_t status);

}  // namespace weir::http
