// Attempt: one try at the endpoint whose slot is held: connect, send, and relay the answer.
#pragma once

#include <memory>

#include "base/task.h"
#include "http/call.h"
#include "http/h2_call.h"
#include "proxy/hop.h"
#include "proxy/retry_share.h"
#include "proxy/slot.h"

namespace weir::proxy {

class Race;

// Lives in its request's coroutine.
class Attempt {
 public:
  // The `number`th of its request, from 1. `share`: where it takes the next one's part of the retry
  // budget when the answer's status is to be tried again. `race`: it is one of two, by `lane`.
  Attempt(Hop& hop, Slot& slot, RetryShare& share, std::uint32_t number, Race* race = nullptr,
          int lane = 0)
      : hop_(hop), slot_(slot), share_(share), race_(race), number_(number), lane_(lane) {}

  Task<Verdict> run();
  // Got as far as a connection.
  bool connected() const { return connected_; }
  // The endpoint answered with a status to be tried again, and the retry budget allows it.
  bool reserved() const { return reserved_; }

 private:
  // Leaves `stream` empty when there is none.
  Task<Verdict> connect(net::Owned<net::Stream>& stream);
  Task<Verdict> join(std::unique_ptr<http::H2Call>& call, bool& kept);
  Verdict not_connected(const http::Secured& why);
  void give_back(net::Owned<net::Stream> idle, Verdict verdict);
  Task<> upload(http::Call& call, net::Interrupt& stop);
  Verdict unanswered(const http::Call& call, const http::Answer& answer, bool kept);
  // A final answer with this status is not relayed: it is asked for again.
  bool tries_again(std::uint16_t status);
  // Of two attempts, this one is to be answered with.
  bool claim();
  net::Interrupt& gone() const;
  // Does the circuit breaker allow another connection? Else Hop::trouble says so.
  bool may_connect();
  net::Deadline within(Duration limit) const;

  Hop& hop_;
  Slot& slot_;
  RetryShare& share_;
  Race* race_;
  std::uint32_t number_;
  int lane_;
  Time sent_{};  // when the last piece of the request went out
  bool connected_ = false;
  bool reserved_ = false;
};

// May the request be sent again when no byte of an answer has come?
bool may_be_sent_twice(const Hop& hop);
// Will it be so, whatever still comes of its body?
bool will_be_repeatable(const Hop& hop);

}  // namespace weir::proxy
