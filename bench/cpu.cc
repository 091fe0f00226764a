#include "bench/cpu.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace weir::bench {
namespace {

double ticks_per_second() {
  static const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return ticks;
}

std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

void add_process(int pid, CpuTimes& times) {
  const std::filesystem::path folder = fmt::format("/proc/{}", pid);
  const std::string stat = first_line(folder / "stat");
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream fields(stat.substr(name_end + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  times.user += user / ticks_per_second();
  times.system += system / ticks_per_second();

  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator(folder / "task", error)) {
    std::istringstream schedstat(first_line(task.path() / "schedstat"));
    double on_cpu_ns = 0;
    schedstat >> on_cpu_ns;
    times.proxy += on_cpu_ns / 1e9;
  }
}

// Busy is what is not idle: the kernel takes idle time from the clock, and busy time by the tick,
// which misses or doubles work that is in step with it.
void add_machine(CpuTimes& times) {
  std::istringstream fields(first_line("/proc/stat").substr(4));
  enum { user, nice, system, idle, iowait, irq, softirq, steal };
  std::array<double, steal + 1> ticks{};
  for (double& field : ticks) fields >> field;
  const double cpus = static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN));
  const double unused = (ticks[idle] + ticks[iowait]) / ticks_per_second();
  times.machine = cpus * seconds(times.taken.time_since_epoch()) - unused;
  times.stolen = ticks[steal] / ticks_per_second();
}

double own_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

}  // namespace

CpuTimes read_cpu_times(const Clock& clock, const std::vector<int>& pids) {
  CpuTimes times;
  times.taken = clock.now();
  for (const int pid : pids) add_process(pid, times);
  times.own = own_seconds();
  add_machine(times);
  return times;
}

CpuTimes operator-(const CpuTimes& end, const CpuTimes& start) {
  CpuTimes used = end;
  used.proxy -= start.proxy;
  used.user -= start.user;
  used.system -= start.system;
  used.own -= start.own;
  used.machine -= start.machine;
  used.stolen -= start.stolen;
  return used;
}

}  // namespace weir::bench
