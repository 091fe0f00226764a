// spawn: starts a command as a child that inherits nothing but what is said here.
//
// Own session and process group, standard input from /dev/null or a file, standard output and error
// to one file, every other descriptor closed, signals as the kernel gives them, no death signal of
// the parent. Safe beside other threads: a vfork-like child (clone with CLONE_VM and CLONE_VFORK,
// as posix_spawn does it) that makes system calls only; about 0.2 ms, however large the parent.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "fleet/process/account.h"
#include "net/fd.h"

namespace weir::fleet {

struct Command {
  std::vector<std::string> arguments;    // the first is looked up in PATH of `environment`
  std::vector<std::string> environment;  // NAME=value
  std::string directory;                 // empty: weir's own
  int output = -1;                       // becomes descriptors 1 and 2; not owned
  int input = -1;                        // becomes descriptor 0; not owned; -1: /dev/null
  std::vector<int> joins;                // cgroup.procs files that it enters; not owned
  std::optional<Account> account;        // whom it runs as
  // Where cgroups cannot be written:
  int nice = 0;                 // added to weir's own
  std::uint32_t processes = 0;  // RLIMIT_NPROC, which counts all of the user's; 0: as weir's
  bool first_to_go = false;     // the kernel takes it before weir when memory runs out
};

struct Child {
  pid_t pid = 0;
  net::Fd pidfd;
};

// Any thread; blocks it until the child runs the command or has failed to. Code::not_found: no such
// command or directory; denied; unavailable: the machine refuses one more process.
Result<Child> spawn(const Command& command);

}  // namespace weir::fleet
