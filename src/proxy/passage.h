// Passage: what is on its way through a worker to a target group, a request (hop.h) or a
// connection of layer 4: what choosing an endpoint, waiting and slots need to know of it.
#pragma once

#include <cstdint>
#include <utility>

#include "base/local.h"
#include "net/wait.h"
#include "observe/access_record.h"
#include "proxy/context.h"

namespace weir::proxy {

class Worker;
struct Special;

// What weir answers itself when no endpoint does.
struct Trouble {
  std::uint16_t status = 0;  // 0: none
  const char* reason = "";
  bool retry_after = false;
  const char* grpc_status = nullptr;  // where the one that stands for `status` does not say it
};

// Lives in one coroutine, on one worker.
struct Passage {
  Passage(Worker& w, Local<WorkerGroup> g, net::Interrupt& client_gone, observe::AccessRecord& r,
          Time now)
      : worker(w), group(std::move(g)), gone(client_gone), record(r), began(now) {}

  Worker& worker;
  // Not to be kept across a suspension: what it points to, options and endpoints, is replaced by
  // the next version. It is another object only after a wait in line, while no slot is held.
  Local<WorkerGroup> group;
  net::Interrupt& gone;           // raised when the client is
  observe::AccessRecord& record;  // filled as things happen
  Time began;
  Trouble trouble;
  bool moved = false;             // away from an endpoint that hung: that happens once
  const char* evicted = nullptr;  // it was cut by an operator's wish: why
  Special* special = nullptr;     // what goes beyond the plain way (special.h); null: nothing

  const TargetGroup& options() const { return group->group->options; }
};

}  // namespace weir::proxy
