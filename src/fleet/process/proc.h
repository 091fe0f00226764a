// What /proc tells of processes, and signals that reach the very process that is meant.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/fd.h"

namespace weir::fleet {

// One process for ever: a pid that is used again has another start time.
struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start = 0;  // clock ticks since boot: field 22 of /proc/PID/stat
  bool operator==(const ProcessId&) const = default;
};

struct Process {
  ProcessId id;
  char state = '?';  // Z: dead, but not waited for
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  Duration cpu{};           // its own, user and system
  Duration children_cpu{};  // of children that it has waited for
  std::uint64_t resident_bytes = 0;

  bool dead() const { return state == 'Z' || state == 'X'; }
};

// The text of /proc/PID/stat; the command's name in it may hold anything.
std::optional<Process> parse_stat(std::string_view text);
std::optional<Process> read_process(pid_t pid);
std::vector<Process> all_processes();

// One variable of a process's environment, as it was at its start. None if it cannot be read.
std::optional<std::string> environment_of(pid_t pid, std::string_view name);

// It exists, is the one meant and not a zombie.
bool alive(const ProcessId& id);
// Not open if it is gone, or if the pid is another's by now.
net::Fd open_pidfd(const ProcessId& id);
// To this process alone; false if it is gone.
bool send_signal(const ProcessId& id, int signal);

// Changes with each boot of the machine: a pid recorded under another one means nothing.
std::string boot_id();

// The whole of a small file; none if it cannot be read.
std::optional<std::string> read_file(const std::string& path, std::size_t limit = 256 * 1024);

}  // namespace weir::fleet
