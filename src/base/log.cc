#include "base/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <system_error>

#include "base/log_format.h"

namespace weir {
namespace {

constexpr std::size_t kQueueLines = 8192;
constexpr int kFlushTries = 20;  // of 100 ms each

// Writes whole lines to one descriptor. Spdlog's own file sink leaks its descriptor into children.
class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LineSink(int fd) : fd_(fd) {}

  std::uint64_t flushes() const { return flushes_.load(std::memory_order_acquire); }
  bool wait_for_flush_after(std::uint64_t seen) {
    std::unique_lock lock(flushed_mutex_);
    return flushed_.wait_for(lock, std::chrono::milliseconds(100),
                             [&] { return flushes() > seen; });
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const char* at = message.payload.data();
    std::size_t left = message.payload.size();
    while (left > 0) {
      const ssize_t n = ::write(fd_, at, left);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return;  // a full disk or closed stderr: nothing to tell, nobody to tell it
      at += n;
      left -= static_cast<std::size_t>(n);
    }
  }
  void flush_() override {
    {
      std::lock_guard lock(flushed_mutex_);
      flushes_.fetch_add(1, std::memory_order_release);
    }
    flushed_.notify_all();
  }

 private:
  const int fd_;
  std::mutex flushed_mutex_;
  std::condition_variable flushed_;
  std::atomic<std::uint64_t> flushes_{0};
};

struct Logging {
  LogOptions options;
  std::shared_ptr<LineSink> sink;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

// Never destroyed: threads may log until the process is gone. Before start_logging it is null.
std::atomic<Logging*> logging{nullptr};
std::atomic<LogLevel> threshold{LogLevel::info};

void write_now(std::string_view line) {
  [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, line.data(), line.size());
}

// The descriptor to log to, or standard error with a word about why.
int open_target(const std::string& file) {
  if (file.empty()) return STDERR_FILENO;
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (fd >= 0) return fd;
  const LogField fields[] = {{"file", file}, {"cause", std::generic_category().message(errno)}};
  write_now(format_log_line(LogLevel::error, false, system_clock().wall(), "base",
                            "log file cannot be opened; logging to standard error", fields));
  return STDERR_FILENO;
}

}  // namespace

LogField::LogField(std::string_view k, double v)
    : key(k), value(fmt::format("{}", v)), bare(v - v == 0) {}  // nan and inf are no JSON numbers

void start_logging(const LogOptions& options) {
  auto made = std::make_unique<Logging>();
  made->options = options;
  made->sink = std::make_shared<LineSink>(open_target(options.file));
  made->pool = std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1);
  made->logger = std::make_shared<spdlog::async_logger>(
      "weir", made->sink, made->pool, spdlog::async_overflow_policy::overrun_oldest);
  made->logger->set_level(spdlog::level::trace);
  threshold.store(options.level, std::memory_order_relaxed);
  const bool first = logging.exchange(made.release(), std::memory_order_acq_rel) == nullptr;
  if (first) std::atexit(flush_log);
}

void flush_log() {
  Logging* now = logging.load(std::memory_order_acquire);
  if (!now) return;
  // Lines are in order, so a flush that follows them has seen them. A full queue may drop the
  // flush itself: ask again then, but not for ever, as the reader of a pipe may be gone to sleep.
  const std::uint64_t seen = now->sink->flushes();
  for (int tries = 0; tries < kFlushTries; ++tries) {
    now->logger->flush();
    if (now->sink->wait_for_flush_after(seen)) return;
  }
}

bool log_enabled(LogLevel level) { return level >= threshold.load(std::memory_order_relaxed); }

void log_write(LogLevel level, std::string_view folder, std::string_view sentence,
               std::initializer_list<LogField> fields) {
  Logging* now = logging.load(std::memory_order_acquire);
  const bool json = now && now->options.json;
  const std::string line =
      format_log_line(level, json, system_clock().wall(), folder, sentence, fields);
  if (!now) return write_now(line);
  now->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

std::uint64_t dropped_log_lines() {
  Logging* now = logging.load(std::memory_order_acquire);
  return now ? now->pool->overrun_counter() : 0;
}

}  // namespace weir
