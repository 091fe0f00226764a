// dial: a new connection to an endpoint that serves one client alone: from the client's own address
// and behind a PROXY protocol header, as the target group asks for.
#pragma once

#include "base/task.h"
#include "http/exchange.h"
#include "model/desired.h"
#include "net/stream.h"

namespace weir::proxy {

// Io::ok once the header, if any, is in the kernel's hands. `who` outlives the call.
Task<net::Connected> dial(net::Reactor& reactor, net::Address endpoint, const TargetGroup& options,
                          const http::Peer& who, net::Deadline deadline);

}  // namespace weir::proxy
