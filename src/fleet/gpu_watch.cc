#include "fleet/gpu_watch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "base/log.h"
#include "fleet/process/environment.h"
#include "fleet/process/spawn.h"
#include "net/fd.h"

namespace weir::fleet {
namespace {

constexpr Duration kEvery = 2s;
constexpr Duration kAfterTrouble = 60s;
constexpr Duration kPatience = 10s;
constexpr std::size_t kMostText = 256 * 1024;

// What it prints until it ends, or does not in time.
Result<std::string> read_all(int fd, Duration patience) {
  std::string text;
  std::array<char, 4096> bytes;
  const Time end = system_clock().now() + patience;
  while (true) {
    const auto left = (end - system_clock().now()) / 1ms;
    pollfd one{fd, POLLIN, 0};
    if (left <= 0 || ::poll(&one, 1, static_cast<int>(left)) == 0) {
      return fail(Code::timeout,
                  "it did not answer within " + std::to_string(patience / 1s) + " s");
    }
    const ssize_t got = ::read(fd, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(bytes.data(), static_cast<std::size_t>(got));
    if (text.size() > kMostText) return fail(Code::invalid, "it says too much");
  }
}

}  // namespace

Result<std::vector<Gpu>> ask_gpus(const std::string& program, Duration patience) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Code::unavailable, "no pipe can be made");
  const net::Fd out(ends[0]);
  net::Fd in(ends[1]);
  Command command;
  command.arguments = {program, fmt::format("--query-gpu={}", kGpuQuery),
                       "--format=csv,noheader,nounits"};
  command.environment = own_environment();
  command.output = in.get();
  TRY(const Child child, spawn(command));
  in = net::Fd();
  const auto text = read_all(out.get(), patience);
  if (!text) ::kill(-child.pid, SIGKILL);
  int status = 0;
  while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!text) return tl::unexpected(text.error());
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return fail(Code::invalid, "it failed: " + text->substr(0, text->find('\n')));
  }
  return parse_gpus(*text);
}

GpuWatch::GpuWatch(std::string program) : program_(std::move(program)) {
  if (!program_.empty()) thread_ = std::thread([this] { loop(); });
}

GpuWatch::~GpuWatch() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

GpuUse GpuWatch::use_of(std::span<const std::string> devices) const {
  const std::lock_guard lock(mutex_);
  return fleet::use_of(last_, devices);
}

void GpuWatch::loop() {
  std::string trouble;
  std::unique_lock lock(mutex_);
  while (!ending_) {
    lock.unlock();
    auto gpus = ask_gpus(program_, kPatience);
    lock.lock();
    const std::string now = gpus ? "" : gpus.error().message;
    if (now != trouble && !now.empty()) {
      LOG(warn, "devices do not tell how busy they are", {"program", program_}, {"error", now});
    }
    trouble = now;
    last_ = gpus ? std::move(*gpus) : std::vector<Gpu>();
    wake_.wait_for(lock, trouble.empty() ? kEvery : kAfterTrouble, [this] { return ending_; });
  }
}

}  // namespace weir::fleet
