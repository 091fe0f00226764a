// H2Server: the server's side of one HTTP/2 connection: a coroutine for each request.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.h"
#include "http/h2_session.h"

namespace weir::http {

class H2Exchange;

// Lives on one worker.
class H2Server final : public H2Session {
 public:
  // How the client says that it speaks HTTP/2: the first line of its preface.
  static constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n";

  // `handler` outlives it.
  H2Server(net::Owned<net::Stream> stream, Handler& handler, Peer peer);
  ~H2Server() override;

  // Serves until the connection ends. `first`: what has been read already.
  Task<> run(std::string first);
  // No further request: said to the client first, and then again with the last one taken, so that
  // none on its way is lost. Ends after what is being served.
  void drain();
  void abort();
  bool busy() const { return serving_.running() > 0; }

 private:
  friend class H2Exchange;
  H2Stream* on_open(std::int32_t id) override;
  void on_settings() override { opened_ = true; }
  void on_sent_goaway() override;
  void on_ping_ack() override { last_call(); }
  void on_flushed() override { finish_if_idle(); }
  void start_ready();
  net::Deadline next_deadline() const;
  bool too_late() const;
  void last_call();
  void finish_if_idle();
  Task<> serve(H2Exchange* exchange);
  Task<> drain_in_time();
  Task<> linger();

  Handler& handler_;
  Peer peer_;
  std::vector<H2Exchange*> ready_;  // read whole, not started
  std::uint32_t live_ = 0;          // exchanges there are
  Scope serving_;
  Scope draining_tasks_;
  net::Interrupt over_;
  Time idle_since_;
  bool opened_ = false;     // the client's preface has come
  bool draining_ = false;   // the first GOAWAY
  bool pinged_ = false;     // after it
  bool last_call_ = false;  // the second
};

}  // namespace weir::http
