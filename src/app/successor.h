// Successor: this program started once more, to take over from this process.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "base/service_manager.h"

namespace weir::app {

// How this process was started: its program's path (a new version may stand there later) and
// arguments. To be read at the start.
struct CommandLine {
  std::string program;
  std::vector<std::string> arguments;
  static CommandLine of_this_process();
};

// `weir ARGUMENTS --takeover --socket SOCKET`, with our standard streams and environment. Its pid.
Result<pid_t> start_successor(const CommandLine& mine, const std::string& socket,
                              const ServiceManager& manager);

}  // namespace weir::app
