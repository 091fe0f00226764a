#include "fleet/process/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <memory>

namespace weir::fleet {
namespace {

template <class N>
std::optional<N> number(std::string_view text) {
  N value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Duration ticks(std::uint64_t count) {
  static const auto per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  return Duration(static_cast<std::int64_t>(count * (1'000'000'000 / per_second)));
}

}  // namespace

std::optional<std::string> read_file(const std::string& path, std::size_t limit) {
  const net::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  std::string text;
  std::array<char, 4096> block;
  while (text.size() < limit) {
    const ssize_t n = ::read(fd.get(), block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) break;
    text.append(block.data(), static_cast<std::size_t>(n));
  }
  return text;
}

std::optional<Process> parse_stat(std::string_view text) {
  const auto name_end = text.rfind(')');
  const auto name_begin = text.find(" (");
  if (name_end == text.npos || name_begin == text.npos) return std::nullopt;
  const auto pid = number<pid_t>(text.substr(0, name_begin));
  // Field 3, the state, is the first behind the name.
  constexpr int kFirst = 3;
  constexpr int kLast = 24;
  std::array<std::string_view, kLast + 1> fields;
  std::string_view rest = text.substr(name_end + 1);
  for (int i = kFirst; i <= kLast; ++i) {
    const auto begin = rest.find_first_not_of(" \n");
    if (begin == rest.npos) return std::nullopt;
    rest.remove_prefix(begin);
    fields[i] = rest.substr(0, rest.find_first_of(" \n"));
    rest.remove_prefix(fields[i].size());
  }
  const auto of = [&](int i) { return number<std::uint64_t>(fields[i]).value_or(0); };
  const auto parent = number<pid_t>(fields[4]);
  const auto group = number<pid_t>(fields[5]);
  const auto session = number<pid_t>(fields[6]);
  const auto start = number<std::uint64_t>(fields[22]);
  if (!pid || !parent || !group || !session || !start) return std::nullopt;
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return Process{
      .id = {*pid, *start},
      .state = fields[3][0],
      .parent = *parent,
      .group = *group,
      .session = *session,
      .cpu = ticks(of(14) + of(15)),
      .children_cpu = ticks(of(16) + of(17)),
      .resident_bytes = of(24) * page,
  };
}

std::optional<Process> read_process(pid_t pid) {
  const auto text = read_file(fmt::format("/proc/{}/stat", pid));
  return text ? parse_stat(*text) : std::nullopt;
}

std::vector<Process> all_processes() {
  std::vector<Process> all;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), &::closedir);
  if (!folder) return all;
  while (const dirent* entry = ::readdir(folder.get())) {
    const auto pid = number<pid_t>(entry->d_name);
    if (!pid) continue;
    if (const auto process = read_process(*pid)) all.push_back(*process);
  }
  return all;
}

std::optional<std::string> environment_of(pid_t pid, std::string_view name) {
  const auto text = read_file(fmt::format("/proc/{}/environ", pid));
  if (!text) return std::nullopt;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find('\0'));
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
      return std::string(entry.substr(name.size() + 1));
    }
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
  }
  return std::nullopt;
}

bool alive(const ProcessId& id) {
  const auto process = read_process(id.pid);
  return process && process->id == id && !process->dead();
}

net::Fd open_pidfd(const ProcessId& id) {
  if (id.pid <= 0) return {};
  // By number: glibc 2.36 declares pidfd_open for C alone.
  net::Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, id.pid, 0)));
  // What the descriptor names cannot change any more, so this order leaves no gap.
  if (fd && alive(id)) return fd;
  return {};
}

bool send_signal(const ProcessId& id, int signal) {
  const net::Fd fd = open_pidfd(id);
  return fd && ::syscall(SYS_pidfd_send_signal, fd.get(), signal, nullptr, 0) == 0;
}

std::string boot_id() {
  std::string id = read_file("/proc/sys/kernel/random/boot_id").value_or("");
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

}  // namespace weir::fleet
