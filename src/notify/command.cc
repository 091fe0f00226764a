#include "notify/command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/units.h"
#include "fleet/process/environment.h"
#include "fleet/process/spawn.h"
#include "net/fd.h"

namespace weir::notify {
namespace {

constexpr Duration kReap = 2s;  // what the kernel gets to end what was killed

// A file in memory with these bytes, at its begin.
Result<net::Fd> file_of(const std::string& bytes) {
  net::Fd file(::memfd_create("weir-input", MFD_CLOEXEC));
  if (!file) return fail(Code::unavailable, "no memory for its input");
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t n = ::write(file.get(), bytes.data() + at, bytes.size() - at);
    if (n <= 0) return fail(Code::unavailable, "no memory for its input");
    at += static_cast<std::size_t>(n);
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

// The end of what a child writes, read as it comes so that it never waits for us.
class Tail {
 public:
  Tail(net::Reactor& reactor, net::Fd end) : end_(std::move(end)) {
    watch_ = net::watch(reactor, end_.get(), EPOLLIN, [this](std::uint32_t) { read(); });
  }
  void read() {
    std::array<char, 4096> bytes;
    while (true) {
      const ssize_t n = ::read(end_.get(), bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) return watch_.reset();
      text_.append(bytes.data(), static_cast<std::size_t>(n));
      if (text_.size() > kMostOutput) text_.erase(0, text_.size() - kMostOutput);
    }
  }
  std::string take() { return std::move(text_); }

 private:
  net::Fd end_;
  std::string text_;
  net::Owned<net::Watch> watch_;  // last: it is the first to go
};

std::vector<std::string> environment_of(const CommandCall& call) {
  std::vector<std::string> all;
  const auto given = [&](std::string_view name) {
    return std::any_of(call.environment.begin(), call.environment.end(),
                       [&](const auto& one) { return one.first == name; });
  };
  for (std::string& entry : fleet::own_environment()) {
    const std::string_view name = std::string_view(entry).substr(0, entry.find('='));
    if (!fleet::meant_for_weir(name) && !given(name)) all.push_back(std::move(entry));
  }
  for (const auto& [name, value] : call.environment) all.push_back(name + "=" + value);
  return all;
}

Result<CommandResult> result_of(const net::Fd& pidfd) {
  siginfo_t ended{};
  if (::waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &ended, WEXITED | WNOHANG) != 0) {
    return fail(Code::unavailable, "how it ended is not known");
  }
  if (ended.si_pid == 0) return fail(Code::unavailable, "it does not end, though it was killed");
  if (ended.si_code != CLD_EXITED) {
    return fail(Code::unavailable, fmt::format("signal {} ended it", ended.si_status));
  }
  CommandResult result;
  result.status = ended.si_status;
  return result;
}

}  // namespace

Task<Result<CommandResult>> run_command(net::Reactor& reactor, CommandCall call,
                                        net::Interrupt* stop) {
  CO_TRY(const net::Fd input, file_of(call.input));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    co_return fail(Code::unavailable, fmt::format("a pipe for it: {}", std::strerror(errno)));
  }
  net::Fd reading(ends[0]);
  net::Fd writing(ends[1]);
  ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);

  fleet::Command command;
  command.arguments = call.arguments;
  command.environment = environment_of(call);
  command.input = input.get();
  command.output = writing.get();
  CO_TRY(const fleet::Child child, fleet::spawn(command));
  writing.reset();

  Tail tail(reactor, std::move(reading));
  net::Signal ended(reactor);
  const auto watch =
      net::watch(reactor, child.pidfd.get(), EPOLLIN, [&ended](std::uint32_t) { ended.set(); });
  const net::Deadline deadline(reactor.clock().now() + call.timeout, stop);
  const net::Io io = co_await ended.wait(deadline);
  if (io != net::Io::ok) {
    ::kill(-child.pid, SIGKILL);  // not reaped yet: the number is its own
    const net::Deadline soon(reactor.clock().now() + kReap);
    co_await ended.wait(soon);
  }
  auto result = result_of(child.pidfd);
  if (io == net::Io::timeout) {
    co_return fail(Code::timeout, "did not end within " + to_string(call.timeout));
  }
  if (io != net::Io::ok) co_return fail(Code::unavailable, "weir stopped it");
  if (!result) co_return std::move(result);
  tail.read();
  result->output = tail.take();
  co_return std::move(result);
}

std::string complaint(const CommandResult& result) {
  if (result.status == 0) return {};
  std::string words = result.output;
  while (!words.empty() && (words.back() == '\n' || words.back() == ' ')) words.pop_back();
  const std::string status = fmt::format("exit status {}", result.status);
  return words.empty() ? status : status + ": " + words;
}

}  // namespace weir::notify
