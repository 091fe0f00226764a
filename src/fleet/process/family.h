// Family: a process that weir started, with all that came from it.
//
// Read from its cgroup where it has one. Else from /proc: the members of its session, and those
// that left it but still carry WEIR_STORE and WEIR_INSTANCE in their environment.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "fleet/process/cgroup.h"
#include "fleet/process/proc.h"

namespace weir::fleet {

// All processes of the machine, read at most every 200 ms: one scan serves the usage of all.
class ProcessTable {
 public:
  const std::vector<Process>& at(Time now);

 private:
  std::vector<Process> all_;
  Time read_{};
};

class Family {
 public:
  // `cgroup` may be null; it outlives the family.
  Family(std::string store, std::string instance, ProcessId leader, Cgroup* cgroup)
      : store_(std::move(store)),
        instance_(std::move(instance)),
        leader_(leader),
        cgroup_(cgroup) {}

  const ProcessId& leader() const { return leader_; }

  // To the leader's process group. The caller knows that the leader is not reaped yet.
  void signal_group(int signal) const;
  // To everyone but zombies.
  void signal_all(int signal) const;
  // SIGKILL, likewise. True if there was somebody.
  bool kill_all() const;
  // Somebody but zombies is left.
  bool any() const;

  struct Use {
    Duration cpu{};  // so far; may fall without a cgroup, when a member ends
    std::uint64_t memory_bytes = 0;
  };
  Use use(ProcessTable& table, Time now) const;

 private:
  bool belongs(const Process& process, bool session_is_ours) const;
  std::vector<ProcessId> members() const;

  std::string store_;
  std::string instance_;
  ProcessId leader_;
  Cgroup* cgroup_;
};

}  // namespace weir::fleet
