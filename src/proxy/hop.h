// Hop: one request on its way through a worker to a target group: what the steps of that way share
// (forward.h lists them).
#pragma once

#include <cstdint>

#include "http/exchange.h"
#include "http/writer.h"
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
  Hop(Worker& w, http::Exchange& e, Local<WorkerGroup> g, const http::Forwarded& f,
      observe::AccessRecord& r, Time now);

  http::Exchange& exchange;
  const http::Forwarded& forwarded;
  HeldBody held;
  bool body_complete = false;  // the request body has arrived whole
  Trouble refusal;             // the client broke the rules in its body

  Verdict fail(std::uint16_t status, const char* reason, bool may_retry) {
    trouble = Trouble{status, reason, false};
    return may_retry ? Verdict::retry : Verdict::failed;
  }
};

}  // namespace weir::proxy
