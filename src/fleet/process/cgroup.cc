#include "fleet/process/cgroup.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstring>

#include "fleet/process/cgroup_files.h"
#include "fleet/process/proc.h"

namespace weir::fleet {
namespace {

constexpr std::uint64_t kPeriodUs = 100'000;
constexpr std::uint64_t kLeastQuotaUs = 1'000;  // the kernel's own limit

}  // namespace

std::optional<std::string> Cgroup::file(std::string_view v1_controller,
                                        std::string_view name) const {
  const auto it = folders_.find(v2() ? std::string("unified") : std::string(v1_controller));
  if (it == folders_.end()) return std::nullopt;
  return fmt::format("{}/{}", it->second, name);
}

Result<> Cgroup::limit(const Limits& limits) {
  const auto set = [&](std::string_view v1_controller, std::string_view v1_name,
                       std::string_view v2_name, const std::string& value) -> Result<> {
    const auto path = file(v1_controller, v2() ? v2_name : v1_name);
    // A controller that is missing was told of once, at the start.
    if (!path || ::access(path->c_str(), F_OK) != 0) return {};
    return write_file(*path, value);
  };
  if (limits.cpus > 0) {
    const auto quota = std::max<std::uint64_t>(
        static_cast<std::uint64_t>(std::llround(limits.cpus * kPeriodUs)), kLeastQuotaUs);
    if (!v2()) TRY_VOID(set("cpu", "cpu.cfs_period_us", "", std::to_string(kPeriodUs)));
    TRY_VOID(set("cpu", "cpu.cfs_quota_us", "cpu.max",
                 v2() ? fmt::format("{} {}", quota, kPeriodUs) : std::to_string(quota)));
  }
  if (limits.memory.value > 0) {
    const std::string bytes = std::to_string(limits.memory.value);
    TRY_VOID(set("memory", "memory.limit_in_bytes", "memory.max", bytes));
    // Without swap a limit means what it says; where swap is not accounted for, there is no file.
    (void)set("memory", "memory.memsw.limit_in_bytes", "memory.swap.max", v2() ? "0" : bytes);
  }
  if (limits.processes > 0) {
    TRY_VOID(set("pids", "pids.max", "pids.max", std::to_string(limits.processes)));
  }
  return {};
}

Result<std::vector<net::Fd>> Cgroup::doors() const {
  std::vector<net::Fd> all;
  for (const auto& [controller, folder] : folders_) {
    const std::string path = folder + "/cgroup.procs";
    net::Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) return fail(Code::unavailable, fmt::format("{}: {}", path, std::strerror(errno)));
    all.push_back(std::move(fd));
  }
  return all;
}

std::vector<pid_t> Cgroup::members() const {
  std::vector<pid_t> all;
  // Each controller lists the same; the first is as good as any.
  if (folders_.empty()) return all;
  const auto text = read_file(folders_.begin()->second + "/cgroup.procs");
  if (!text) return all;
  const char* at = text->data();
  const char* const end = at + text->size();
  while (at < end) {
    pid_t pid = 0;
    const auto [next, error] = std::from_chars(at, end, pid);
    if (error == std::errc() && pid > 0) all.push_back(pid);
    at = std::find(next, end, '\n') + 1;
  }
  return all;
}

void Cgroup::kill_all() {
  if (const auto kill = file("", "cgroup.kill"); v2() && write_file(*kill, "1")) return;
  // No new ones while the old ones go.
  if (const auto pids = file("pids", "pids.max")) (void)write_file(*pids, "0");
  for (const pid_t pid : members()) ::kill(pid, SIGKILL);
}

bool Cgroup::remove() {
  bool gone = true;
  for (const auto& [controller, folder] : folders_) {
    if (::rmdir(folder.c_str()) != 0 && errno != ENOENT) gone = false;
  }
  return gone;
}

std::optional<Duration> Cgroup::cpu_time() const {
  if (v2()) {
    const auto us = keyed_number(*file("", "cpu.stat"), "usage_usec");
    if (!us) return std::nullopt;
    return std::chrono::microseconds(*us);
  }
  const auto path = file("cpuacct", "cpuacct.usage");
  const auto ns = path ? number_of(*path) : std::nullopt;
  if (!ns) return std::nullopt;
  return Duration(static_cast<std::int64_t>(*ns));
}

std::optional<std::uint64_t> Cgroup::memory() const {
  const auto path = file("memory", v2() ? "memory.current" : "memory.usage_in_bytes");
  const auto used = path ? number_of(*path) : std::nullopt;
  if (!used) return std::nullopt;
  const auto cold =
      keyed_number(*file("memory", "memory.stat"), v2() ? "inactive_file" : "total_inactive_file");
  return *used - std::min(*used, cold.value_or(0));
}

std::uint64_t Cgroup::out_of_memory_kills() const {
  const auto path = file("memory", v2() ? "memory.events" : "memory.oom_control");
  return path ? keyed_number(*path, "oom_kill").value_or(0) : 0;
}

}  // namespace weir::fleet
