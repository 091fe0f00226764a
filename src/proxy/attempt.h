// Attempt: one try at the endpoint whose slot is held: connect, send, and relay the answer.
#pragma once

#include <memory>

#include "base/task.h"
#include "http/call.h"
#include "http/h2_call.h"
#include "proxy/slot.h"

namespace weir::proxy {

// Lives in its request's coroutine.
class Attempt {
 public:
  Attempt(Hop& hop, Slot& slot) : hop_(hop), slot_(slot) {}

  Task<Verdict> run();
  // Got as far as a connection.
  bool connected() const { return connected_; }

 private:
  Task<Verdict> connect(net::Owned<net::Stream>& stream);
  Task<Verdict> join(std::unique_ptr<http::H2Call>& call, bool& kept);
  Verdict not_connected(net::Io why);
  Task<> upload(http::Call& call, net::Interrupt& stop);
  Verdict unanswered(const http::Call& call, const http::Answer& answer, bool kept);
  // May the request be sent again when no byte of an answer has come?
  bool may_repeat() const;
  // Will it be so, whatever still comes of its body?
  bool will_be_repeatable() const;
  net::Deadline within(Duration limit) const;

  Hop& hop_;
  Slot& slot_;
  Time sent_{};  // when the last piece of the request went out
  bool connected_ = false;
};

}  // namespace weir::proxy
