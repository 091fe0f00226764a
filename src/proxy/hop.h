// Hop: one request on its way through a worker to a target group: what the steps of that way share
// (forward.h lists them).
#pragma once

#include <cstdint>

#include "base/local.h"
#include "http/exchange.h"
#include "http/writer.h"
#include "judge/retry_policy.h"
#include "observe/access_record.h"
#include "proxy/context.h"
#include "proxy/held_body.h"

namespace weir::proxy {

class Worker;

// What weir answers itself when no endpoint does.
struct Trouble {
  std::uint16_t status = 0;  // 0: none
  const char* reason = "";
  bool retry_after = false;
};

// Where a request stands after a step.
enum class Verdict : std::uint8_t {
  done,    // the response went out, whole or cut
  gone,    // the client went away
  failed,  // nothing reached the client yet: Hop::trouble says what went wrong
  retry,   // likewise, and by what was sent another attempt does no harm
  stale,   // a kept connection had been closed: perhaps just before the request, perhaps by it
};

// Lives in one request's coroutine, on one worker.
struct Hop {
  // `rule`: the one that decided; null for the listener's default action. Outlives the hop.
  Hop(Worker& w, http::Exchange& e, Local<WorkerGroup> g, const http::Forwarded& f,
      observe::AccessRecord& r, Time now, const Rule* rule = nullptr);

  Worker& worker;
  http::Exchange& exchange;
  // Not to be kept across a suspension: what it points to, options and endpoints, is replaced by
  // the next version. It is another object only after a wait in line, while no slot is held.
  Local<WorkerGroup> group;
  const Rule* route;
  const http::Forwarded& forwarded;
  observe::AccessRecord& record;  // filled as things happen
  HeldBody held;
  Time began;
  bool body_complete = false;  // the request body has arrived whole
  Trouble trouble;
  Trouble refusal;         // the client broke the rules in its body, or the route's time is over
  bool keep_body = false;  // held beyond the first byte of an answer
  net::Interrupt* tunnel = nullptr;  // breaks the tunnel that the response has become

  const TargetGroup& options() const { return group->group->options; }
  judge::RetryPolicy retry() const {
    return judge::RetryPolicy(options().retry, route ? &route->retry : nullptr);
  }
  Timeouts timeouts() const {
    return judge::merged(options().timeouts, route ? &route->timeouts : nullptr);
  }
  Verdict fail(std::uint16_t status, const char* reason, bool may_retry) {
    trouble = Trouble{status, reason, false};
    return may_retry ? Verdict::retry : Verdict::failed;
  }
};

}  // namespace weir::proxy
