// ProcessProvider: what an earlier weir left. Its records and /proc are compared: what is in both
// is taken over, what only runs is ended, what is only recorded is told of as an end.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>

#include "base/log.h"
#include "fleet/process/environment.h"
#include "fleet/process/process_provider.h"

namespace weir::fleet {
namespace {

struct Found {
  Process process;
  std::string instance;
};

// What carries our store's id, oldest first; without ourselves and those that we come from.
std::vector<Found> processes_of(const std::string& store) {
  std::vector<Found> found;
  for (const Process& process : all_processes()) {
    if (process.dead() || process.id.pid == ::getpid()) continue;
    if (environment_of(process.id.pid, kStoreVariable) != store) continue;
    auto instance = environment_of(process.id.pid, kInstanceVariable);
    if (instance) found.push_back({process, std::move(*instance)});
  }
  std::ranges::sort(found, {}, [](const Found& one) { return one.process.id.start; });
  return found;
}

}  // namespace

void ProcessProvider::adopt() {
  const std::vector<Found> found = processes_of(surroundings_.store_id);
  for (const auto& [id, json] : surroundings_.recorded) {
    Result<Record> record = parse_record(json);
    if (!record) {
      LOG(error, "record of an instance cannot be read", {"instance", id},
          {"error", record.error().message});
      report_gone(id, Record());
      continue;
    }
    if (record->process.pid == 0 && record->boot == boot_) {
      // Weir was killed between the spawn and the second record.
      const auto it = std::ranges::find_if(found, [&](const Found& one) {
        return one.instance == id && one.process.session == one.process.id.pid;
      });
      if (it != found.end()) record->process = it->process.id;
    }
    adopt_one(id, *std::move(record));
  }
  surroundings_.recorded.clear();
  find_strays();
  std::vector<std::string> known;
  for (const auto& [id, instance] : instances_) known.push_back(id);
  cgroups_.sweep(known);
}

void ProcessProvider::adopt_one(const std::string& id, Record record) {
  net::Fd pidfd;
  if (record.boot == boot_) pidfd = open_pidfd(record.process);
  if (!pidfd) {
    report_gone(id, std::move(record));
    return;
  }
  const Time now = surroundings_.reactor.clock().now();
  auto made = std::make_unique<Instance>();
  Instance& instance = *made;
  instance.id = id;
  instance.adopted = true;
  instance.pidfd = std::move(pidfd);
  if (!record.cgroup.empty()) {
    instance.cgroup = std::make_unique<Cgroup>(record.cgroup);
    instance.kills_before = instance.cgroup->out_of_memory_kills();
    // Once more: a service manager may have taken the controllers away in between.
    const auto limited = instance.cgroup->limit({record.cpus, record.memory, record.processes});
    if (!limited) {
      LOG(warn, "limits of an adopted instance not set", {"instance", id},
          {"error", limited.error().message});
    }
  }
  instance.family.emplace(surroundings_.store_id, id, record.process, instance.cgroup.get());
  const Family::Use use = instance.family->use(table_, now);
  instance.meter.emplace(record.cpus, record.memory.value, use.cpu, now);
  ports_.hold(record.port);
  devices_.hold(record.devices);
  logs_.started(id, record.log);
  instance.record = std::move(record);
  instances_.emplace(id, std::move(made));
  watch(instance);
  LOG(info, "instance adopted", {"instance", id}, {"group", instance.record.group},
      {"pid", instance.record.process.pid}, {"port", instance.record.port});
  if (instance.record.stopping) {
    ask_to_stop(instance);
    instance.force_at = now + std::max(instance.record.grace, Duration(0));
    look_again(instance);
  }
}

void ProcessProvider::report_gone(const std::string& id, Record record) {
  if (!record.cgroup.empty() && record.boot == boot_) {
    // Its main process has gone; what it started may still be there.
    auto cgroup = std::make_unique<Cgroup>(record.cgroup);
    cgroup->kill_all();
    if (!cgroup->remove()) leaving_.push_back(std::move(cgroup));
  }
  // Later, when the caller can have set on_exit.
  surroundings_.reactor.post([this, id, record = std::move(record), here = here_] {
    if (!*here) return;
    LOG(warn, "instance has gone while weir was not running", {"instance", id});
    if (on_exit) {
      on_exit({.instance = id,
               .cause = "gone while weir was not running",
               .wanted = record.stopping,
               .last_lines = tail(record.log, kLastLines)});
    }
    if (surroundings_.forget) surroundings_.forget(id);
  });
}

void ProcessProvider::find_strays() {
  std::set<pid_t> ancestors;
  for (pid_t pid = ::getpid(); pid > 1;) {
    ancestors.insert(pid);
    const auto process = read_process(pid);
    pid = process ? process->parent : 0;
  }
  const Time now = surroundings_.reactor.clock().now();
  for (const Found& one : processes_of(surroundings_.store_id)) {
    if (instances_.contains(one.instance) || ancestors.contains(one.process.id.pid)) continue;
    if (std::ranges::find(strays_, one.process.id, &Stray::id) != strays_.end()) continue;
    LOG(warn, "process without a record is ended", {"instance", one.instance},
        {"pid", one.process.id.pid});
    send_signal(one.process.id, SIGTERM);
    strays_.push_back({one.process.id, now + options_.patience.stray_grace});
  }
}

}  // namespace weir::fleet
