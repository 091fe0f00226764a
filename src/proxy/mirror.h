// Mirror: copies of requests for another group. A copy is an exchange of its own, whose client is
// nobody: it is sent once, waits for no slot, and its answer is thrown away. The request that it
// was copied from neither waits for it nor learns of it.
#pragma once

#include <cstdint>
#include <string>

#include "model/desired.h"
#include "proxy/hop.h"

namespace weir::proxy {

class Worker;

// What the copies of one worker hold together. Beyond it none is made.
struct MirrorBudget {
  std::uint32_t most = 256;                        // in flight
  std::uint64_t most_bytes = 32ull * 1024 * 1024;  // of their bodies
  std::uint32_t in_flight = 0;
  std::uint64_t bytes = 0;
};

// Is this request to be copied? By chance, where `mirror` has a share.
bool wants_mirror(Hop& hop, const Mirror& mirror);
// The body is here, or there is none: makes the copy that Special::mirrors asks for, unless part
// of the body has been let go.
void mirror(Hop& hop);
// outcome: sent, failed, no_slot (of the group, or of this worker), no_body (it did not fit, or
// ended after the answer had begun)
void count_mirror(Worker& worker, const std::string& group, const char* outcome);

}  // namespace weir::proxy
