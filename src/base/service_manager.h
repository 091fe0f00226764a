// ServiceManager: what systemd wants to hear from a service of Type=notify: sd_notify(3) without
// its library. Says nothing where no manager asked.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace weir {

// Any thread, once made.
class ServiceManager {
 public:
  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID and removes them from the environment, so
  // that no child speaks for us. Call it before the first thread starts.
  static ServiceManager from_environment();

  // Lines as in sd_notify(3): "READY=1", "RELOADING=1\nMONOTONIC_USEC=...", "STOPPING=1",
  // "STATUS=draining 3 streams", "WATCHDOG=1". True if the manager was told.
  bool tell(std::string_view lines) const;

  // Where the manager listens, for a successor; "" without.
  const std::string& socket() const { return socket_; }

  // How often to tell "WATCHDOG=1": half of what the manager allows; 0 if it does not watch.
  std::chrono::microseconds watchdog_interval() const { return watchdog_interval_; }

 private:
  std::string socket_;  // a path, or @name for an abstract one; empty: no manager
  std::chrono::microseconds watchdog_interval_{0};
};

}  // namespace weir
