#include "fleet/process/spawn.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/check.h"

// The child shares our memory and our thread's state: sanitizers must not see it.
#define CHILD_SIDE __attribute__((no_sanitize("address", "thread", "undefined"), noinline))

// glibc's clone by its other name: TSan takes what is called clone for a fork, and from then on no
// longer sees by what locks the parent's threads follow each other.
extern "C" int __clone(int (*run)(void*), void* stack, int flags, void* argument, ...);

namespace weir::fleet {
namespace {

constexpr std::size_t kStack = 64 * 1024;
constexpr int kSignals = 64;

enum class Step : int { ready, output, cgroup, limit, user, directory, command };

// All that the child needs, made before it exists; it writes back where it failed.
struct Plan {
  const char* path = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  const char* directory = nullptr;
  int input = -1;
  int output = -1;
  const int* joins = nullptr;
  std::size_t join_count = 0;
  const Account* account = nullptr;
  int priority = 0;
  bool set_priority = false;
  rlimit processes{};
  bool set_processes = false;
  bool first_to_go = false;

  volatile Step step = Step::ready;
  volatile int error = 0;
};

// The kernel's sigaction, which knows all signals, glibc's own two included.
struct KernelSigaction {
  void* handler = nullptr;
  unsigned long flags = 0;
  void* restorer = nullptr;
  unsigned long mask = 0;
};

CHILD_SIDE int give_up(Plan& plan, Step step) {
  plan.error = errno;
  plan.step = step;
  ::syscall(SYS_exit_group, 127);
  __builtin_unreachable();
}

CHILD_SIDE void become(Plan& plan, const Account& account) {
  // Raw calls: glibc's would tell the parent's other threads to change as well.
  if (::syscall(SYS_geteuid) == 0) {
    if (::syscall(SYS_setgroups, account.groups.size(), account.groups.data()) != 0 ||
        ::syscall(SYS_setresgid, account.gid, account.gid, account.gid) != 0 ||
        ::syscall(SYS_setresuid, account.uid, account.uid, account.uid) != 0) {
      give_up(plan, Step::user);
    }
  }
}

CHILD_SIDE int child(void* argument) {
  Plan& plan = *static_cast<Plan*>(argument);
  ::syscall(SYS_setsid);
  for (std::size_t i = 0; i < plan.join_count; ++i) {
    if (::syscall(SYS_write, plan.joins[i], "0", 1) != 1) give_up(plan, Step::cgroup);
  }
  if (::syscall(SYS_dup3, plan.input, 0, 0) < 0 || ::syscall(SYS_dup3, plan.output, 1, 0) < 0 ||
      ::syscall(SYS_dup3, plan.output, 2, 0) < 0) {
    give_up(plan, Step::output);
  }
  if (plan.set_priority) ::syscall(SYS_setpriority, PRIO_PROCESS, 0, plan.priority);
  if (plan.first_to_go) {
    const long file =
        ::syscall(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file >= 0) ::syscall(SYS_write, file, "500", 3);
  }
  if (plan.set_processes &&
      ::syscall(SYS_prlimit64, 0, RLIMIT_NPROC, &plan.processes, nullptr) != 0) {
    give_up(plan, Step::limit);
  }
  if (plan.account) become(plan, *plan.account);
  if (plan.directory && ::syscall(SYS_chdir, plan.directory) != 0) give_up(plan, Step::directory);
  ::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  const KernelSigaction fresh;
  for (int signal = 1; signal <= kSignals; ++signal) {
    ::syscall(SYS_rt_sigaction, signal, &fresh, nullptr, sizeof fresh.mask);
  }
  const unsigned long none = 0;
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none);
  ::syscall(SYS_execve, plan.path, plan.arguments, plan.environment);
  return give_up(plan, Step::command);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const auto& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

std::string path_of(const Command& command) {
  for (const auto& entry : command.environment) {
    if (entry.starts_with("PATH=")) return entry.substr(5);
  }
  return "/usr/local/bin:/usr/bin:/bin";
}

bool runnable(const std::string& file) {
  struct stat status{};
  return ::stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(file.c_str(), X_OK) == 0;
}

Result<std::string> find_command(const Command& command) {
  const std::string& name = command.arguments.front();
  if (name.find('/') != name.npos) return name;
  const std::string path = path_of(command);
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    const std::string file = path.substr(at, end - at) + "/" + name;
    if (end > at && runnable(file)) return file;
    at = end + 1;
  }
  return fail(Code::not_found, fmt::format("command '{}' is not in PATH ({})", name, path));
}

// Above 2, so that the child's dup3 neither meets itself nor overwrites the other.
net::Fd above_standard(int fd) { return net::Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

Error explain(const Command& command, const std::string& path, Step step, int error) {
  const Code code = error == ENOENT || error == ENOTDIR ? Code::not_found
                    : error == EACCES || error == EPERM ? Code::denied
                                                        : Code::unavailable;
  const std::string why = std::strerror(error);
  switch (step) {
    case Step::directory:
      return {code, fmt::format("directory '{}': {}", command.directory, why)};
    case Step::user:
      return {code, fmt::format("becoming user '{}': {}", command.account->name, why)};
    case Step::cgroup:
      return {code, fmt::format("entering its cgroup: {}", why)};
    case Step::limit:
      return {code, fmt::format("limit of processes: {}", why)};
    case Step::command:
      if (error == ENOENT && path.starts_with("/") && ::access(path.c_str(), F_OK) == 0) {
        return {code, fmt::format("command '{}': its interpreter does not exist", path)};
      }
      return {code, fmt::format("command '{}': {}", path, why)};
    default:
      return {code, fmt::format("preparing the child: {}", why)};
  }
}

struct AllSignalsBlocked {
  AllSignalsBlocked() {
    const unsigned long all = ~0ul;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
  }
  ~AllSignalsBlocked() {
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, nullptr, sizeof before);
  }
  unsigned long before = 0;
};

}  // namespace

Result<Child> spawn(const Command& command) {
  if (command.arguments.empty() || command.arguments.front().empty()) {
    return fail(Code::invalid, "the command is empty");
  }
  TRY(const std::string path, find_command(command));
  const std::vector<char*> arguments = pointers(command.arguments);
  const std::vector<char*> environment = pointers(command.environment);
  const net::Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const net::Fd input = above_standard(command.input >= 0 ? command.input : null.get());
  const net::Fd output = above_standard(command.output);
  if (!input || !output) {
    return fail(Code::unavailable, fmt::format("opening its files: {}", std::strerror(errno)));
  }

  Plan plan;
  plan.path = path.c_str();
  plan.arguments = arguments.data();
  plan.environment = environment.data();
  plan.directory = command.directory.empty() ? nullptr : command.directory.c_str();
  plan.input = input.get();
  plan.output = output.get();
  plan.joins = command.joins.data();
  plan.join_count = command.joins.size();
  plan.account = command.account ? &*command.account : nullptr;
  plan.first_to_go = command.first_to_go;
  if (command.nice != 0) {
    plan.set_priority = true;
    plan.priority = ::getpriority(PRIO_PROCESS, 0) + command.nice;
  }
  if (command.processes != 0) {
    ::getrlimit(RLIMIT_NPROC, &plan.processes);
    plan.processes.rlim_cur = std::min<rlim_t>(command.processes, plan.processes.rlim_max);
    plan.processes.rlim_max = plan.processes.rlim_cur;
    plan.set_processes = true;
  }

  void* const stack = ::mmap(nullptr, kStack, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return fail(Code::unavailable, "no memory for a child");
  int pidfd = -1;
  pid_t pid = 0;
  int error = 0;
  {
    const AllSignalsBlocked blocked;
    pid = ::__clone(&child, static_cast<char*>(stack) + kStack,
                    CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &plan, &pidfd);
    error = errno;
  }
  ::munmap(stack, kStack);
  if (pid < 0) return fail(Code::unavailable, fmt::format("new process: {}", std::strerror(error)));
  Child made{pid, net::Fd(pidfd)};
  if (plan.step == Step::ready) return made;

  siginfo_t ended{};
  while (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &ended, WEXITED) < 0 && errno == EINTR) {
  }
  return tl::unexpected(explain(command, path, plan.step, plan.error));
}

}  // namespace weir::fleet
