// H1Server: the server's side of one HTTP/1 connection. Keep-alive, pipelining, limits and times.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/task.h"
#include "http/exchange.h"
#include "net/stream.h"

namespace weir::http {

class H1Exchange;
class H2Server;

struct RequestMemory;

// A client that begins with the preface of HTTP/2 is handed over to an H2Server.
// Lives on one worker. Idle, it owns its stream and a few words: no buffer.
class H1Server {
 public:
  // `handler` outlives it.
  H1Server(net::Owned<net::Stream> stream, Handler& handler, Peer peer);
  ~H1Server();

  // Serves until the connection ends.
  Task<> run();
  // No further request: an idle connection closes now, a busy one after its response, one that has
  // not asked for anything yet after its first request or a second.
  // `gently`: an idle one is left to be told by its next response.
  void drain(bool gently = false);
  bool busy() const;
  // Breaks the connection off.
  void abort();

 private:
  friend class H1Exchange;
  net::Deadline next_request();
  void begin(RequestMemory& memory, std::string_view first);
  Task<bool> serve(RequestMemory& memory);
  Task<> refuse(std::uint16_t status, const char* reason);
  // `whole`: all of the request has been read, and the answer says that it is the last.
  Task<> linger(bool whole);
  bool speaks_h2(std::string_view bytes);

  net::Owned<net::Stream> stream_;
  Handler& handler_;
  Peer peer_;
  net::Interrupt idle_;                 // raised by drain
  std::unique_ptr<std::string> spill_;  // bytes of the next request that came with the last one
  std::unique_ptr<H2Server> h2_;        // once handed over
  bool busy_ = false;
  bool draining_ = false;
  bool first_ = true;  // nothing has been served yet
  bool lingering_ = false;
  bool looked_ = false;  // draining: for what the kernel holds
};

}  // namespace weir::http
