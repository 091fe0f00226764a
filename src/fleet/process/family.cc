#include "fleet/process/family.h"

#include <csignal>

#include "fleet/process/environment.h"

namespace weir::fleet {

const std::vector<Process>& ProcessTable::at(Time now) {
  if (all_.empty() || now - read_ > 200ms) {
    all_ = all_processes();
    read_ = now;
  }
  return all_;
}

bool Family::belongs(const Process& process, bool session_is_ours) const {
  if (process.dead()) return false;
  if (process.id == leader_) return true;
  // Nothing that is older came from it.
  if (process.id.start < leader_.start) return false;
  if (session_is_ours && process.session == leader_.pid) return true;
  return environment_of(process.id.pid, kInstanceVariable) == instance_ &&
         environment_of(process.id.pid, kStoreVariable) == store_;
}

std::vector<ProcessId> Family::members() const {
  std::vector<ProcessId> all;
  if (cgroup_) {
    for (const pid_t pid : cgroup_->members()) {
      if (const auto process = read_process(pid); process && !process->dead()) {
        all.push_back(process->id);
      }
    }
    return all;
  }
  // While the leader is there, be it as a zombie, nobody else can have a session of its number.
  const auto leader = read_process(leader_.pid);
  const bool session_is_ours = leader && leader->id == leader_;
  for (const Process& process : all_processes()) {
    if (belongs(process, session_is_ours)) all.push_back(process.id);
  }
  return all;
}

void Family::signal_group(int signal) const { ::kill(-leader_.pid, signal); }

void Family::signal_all(int signal) const {
  for (const ProcessId& id : members()) send_signal(id, signal);
}

bool Family::any() const { return !members().empty(); }

bool Family::kill_all() const {
  const std::vector<ProcessId> all = members();
  if (all.empty()) return false;
  if (cgroup_) {
    cgroup_->kill_all();
  } else {
    for (const ProcessId& id : all) send_signal(id, SIGKILL);
  }
  return true;
}

Family::Use Family::use(ProcessTable& table, Time now) const {
  Use use;
  const auto cpu = cgroup_ ? cgroup_->cpu_time() : std::nullopt;
  const auto memory = cgroup_ ? cgroup_->memory() : std::nullopt;
  if (!cpu || !memory) {
    for (const Process& process : table.at(now)) {
      // By session: the environments of all processes would be too dear once a second.
      if (process.session != leader_.pid || process.dead()) continue;
      use.cpu += process.cpu + process.children_cpu;
      use.memory_bytes += process.resident_bytes;
    }
  }
  if (cpu) use.cpu = *cpu;
  if (memory) use.memory_bytes = *memory;
  return use;
}

}  // namespace weir::fleet
