// Relay: what the endpoint answers goes to the client as it comes.
#pragma once

#include "base/task.h"
#include "http/call.h"
#include "proxy/hop.h"
#include "proxy/slot.h"

namespace weir::proxy {

// The final response, to its end or that of either side. `answer` has just been read.
Task<Verdict> relay(Hop& hop, Slot& slot, http::Call& call, http::Answer answer);

// A 101, then bytes both ways.
Task<Verdict> relay_tunnel(Hop& hop, Slot& slot, http::Call& call, const http::ResponseHead& head);

}  // namespace weir::proxy
