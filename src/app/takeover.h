// Takeover: the successor's first words with the weir that runs. Blocks; before the first thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "control/handover.h"
#include "net/fd.h"
#include "net/listen.h"

namespace weir::app {

// What the earlier weir has handed over. It has let go of the store, and takes it back when `link`
// is closed before "ready" was said over it.
struct Inheritance {
  control::Handover handover;
  std::vector<net::Inherited> listeners;
  net::Fd admin_tcp;
  net::Fd admin_unix;
  net::Fd link;
};

// From the weir behind this admin socket, whose state is to be at `state_path`.
Result<Inheritance> take_over(const std::string& socket, const std::string& state_path);

}  // namespace weir::app
