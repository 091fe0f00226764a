// Backend: the server behind the proxies, on the load generator's own loop, so that the two need
// one CPU and no context switch between them.
//
//   GET /      200 bytes of JSON          POST /   the same, for 1 KiB of JSON
//   GET /64k   64 KiB of JSON             GET /sse 20 events a second until the client leaves,
//                                                  chunked; /sse_seldom: one a second
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/loop.h"
#include "bench/message.h"
#include "bench/socket.h"

namespace weir::bench {

class Backend {
 public:
  static constexpr int kEventsPerSecond = 20;

  explicit Backend(Loop& loop);
  ~Backend();

  // Starts to answer on a port of the kernel's choice, and returns it.
  Result<std::uint16_t> listen();

  // Events that were not sent because the reader of the stream was too slow.
  std::uint64_t events_skipped() const { return events_skipped_; }

 private:
  class Acceptor;
  class Session;
  class Ticker;

  // The streams of one rate, spread over the ticks of their period, so that events do not come in
  // bursts.
  struct Wheel {
    std::vector<std::vector<Session*>> slots;
    std::size_t next = 0;  // for the next stream
    std::size_t now = 0;   // the next one to be sent to
  };

  void start_stream(Session& session, Wheel& wheel);
  void end_session(Session& session);
  void tick();
  void send_event(const std::vector<Session*>& streams);

  Loop& loop_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::unordered_map<Session*, std::unique_ptr<Session>> sessions_;
  std::unique_ptr<Ticker> ticker_;
  Wheel often_;
  Wheel seldom_;
  EventText event_;
  std::string chunk_;
  std::uint64_t events_skipped_ = 0;
};

}  // namespace weir::bench
