// run_command: runs a command of the user's, tells it something on its standard input, and takes
// its exit status for an answer. For notifications and lifecycle hooks.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "net/reactor.h"

namespace weir::notify {

struct CommandCall {
  std::vector<std::string> arguments;  // no shell; the first is looked up in PATH
  std::string input;                   // its standard input
  // Beside weir's own environment without WEIR_*: {"WEIR_EVENT", "launch"}.
  std::vector<std::pair<std::string, std::string>> environment;
  Duration timeout = 30s;
};

struct CommandResult {
  int status = 0;      // its exit status
  std::string output;  // what it wrote, to either output: at most the last 4 KiB
};

inline constexpr std::size_t kMostOutput = 4096;

// Its whole process group is killed when the time is up, or when `stop` is raised. What it leaves
// running in the background after its own end lives on. Lives on the reactor's thread.
// Code::timeout; not_found, denied: it cannot be started; unavailable: so for want of resources, or
// a signal ended it, or `stop` was raised.
Task<Result<CommandResult>> run_command(net::Reactor& reactor, CommandCall call,
                                        net::Interrupt* stop);

// "exit status 3: its last words"; empty where it went well.
std::string complaint(const CommandResult& result);

}  // namespace weir::notify
