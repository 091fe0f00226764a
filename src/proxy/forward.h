// forward: one request to a target group, from the first byte of its body to the end of the
// response: admit and choose (admission.h), attempt (attempt.h), relay (relay.h), retry, settle.
#pragma once

#include <cstdint>

#include "base/task.h"
#include "proxy/hop.h"

namespace weir::proxy {

// `key`: what the request should stick to (balance::Plan::key). `hop` outlives the task.
Task<> forward(Hop& hop, std::uint64_t key);

}  // namespace weir::proxy
