// Hop: one request on its way through a worker to a target group: what the steps of that way share
// (forward.h lists them).
#pragma once

#include <cstdint>

#include "base/local.h"
#include "http/exchange.h"
#include "http/writer.h"
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
  const char* grpc_status = nullptr;  // where the one that stands for `status` does not say it
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
  Hop(Worker& w, http::Exchange& e, Local<WorkerGroup> g, const http::Forwarded& f,
      observe::AccessRecord& r, Time now);

  Worker& worker;
  http::Exchange& exchange;
  // Not to be kept across a suspension: what it points to, options and endpoints, is replaced by
  // the next version. It is another object only after a wait in line, while no slot is held.
  Local<WorkerGroup> group;
  const http::Forwarded& forwarded;
  observe::AccessRecord& record;  // filled as things happen
  HeldBody held;
  Time began;
  bool body_complete = false;  // the request body has arrived whole
  Trouble trouble;
  Trouble refusal;  // the client broke the rules in its body

  const TargetGroup& options() const { return group->group->options; }
  Verdict fail(std::uint16_t status, const char* reason, bool may_retry) {
    trouble = Trouble{status, reason, false};
    return may_retry ? Verdict::retry : Verdict::failed;
  }
};

}  // namespace weir::proxy
