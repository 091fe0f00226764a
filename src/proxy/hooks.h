// Hooks: what the data plane tells the rest of the process. Any thread calls them; they return at
// once (they post to the control thread).
#pragma once

#include <functional>
#include <string>

namespace weir::proxy {

struct Hooks {
  // Somebody began to wait in this group's empty room.
  std::function<void(const std::string& group)> queue_started;
  // The last request of a draining endpoint has ended.
  std::function<void(const std::string& group, const std::string& instance)> drained;
  // Passive checks took an endpoint out.
  std::function<void(const std::string& group, const std::string& address)> ejected;
};

}  // namespace weir::proxy
