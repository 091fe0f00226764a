// Hop: one request on its way through a worker to a target group: what the steps of that way share
// (forward.h lists them).
#pragma once

#include <cstdint>

#include "http/exchange.h"
#include "http/writer.h"
#include "judge/retry_policy.h"
#include "judge/timeout_policy.h"
#include "proxy/held_body.h"
#include "proxy/passage.h"

namespace weir::proxy {

// Where a request stands after a step.
enum class Verdict : std::uint8_t {
  done,    // the response went out, whole or cut
  gone,    // the client went away
  failed,  // nothing reached the client yet: Hop::trouble says what went wrong
  retry,   // likewise, and by what was sent another attempt does no harm
  stale,   // a kept connection had been closed: perhaps just before the request, perhaps by it
};

// Lives in one request's coroutine, on one worker.
struct Hop : Passage {
  // `rule`: the one that decided; null for the listener's default action. Outlives the hop.
  Hop(Worker& w, http::Exchange& e, Local<WorkerGroup> g, const http::Forwarded& f,
      observe::AccessRecord& r, Time now, const Rule* rule = nullptr);

  http::Exchange& exchange;
  const Rule* route;
  const http::RequestHead* request;  // as the endpoint gets it
  const http::Forwarded& forwarded;
  HeldBody held;
  bool body_complete = false;  // the request body has arrived whole
  bool once = false;           // a copy (mirror.h): neither waits in line nor is sent again
  Trouble refusal;         // the client broke the rules in its body, or the route's time is over
  bool keep_body = false;  // held beyond the first byte of an answer
  net::Interrupt* tunnel = nullptr;  // breaks the tunnel that the response has become

  judge::RetryPolicy retry() const {
    return judge::RetryPolicy(options().retry, route ? &route->retry : nullptr);
  }
  judge::TimeoutPolicy timeouts() const {
    return judge::TimeoutPolicy(options().timeouts, route ? &route->timeouts : nullptr);
  }
  Verdict fail(std::uint16_t status, const char* reason, bool may_retry) {
    trouble = Trouble{status, reason, false};
    return may_retry ? Verdict::retry : Verdict::failed;
  }
};

}  // namespace weir::proxy
