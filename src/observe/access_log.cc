#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "observe/access_record.h"

namespace weir::observe {
namespace {

// What waits for the disk, and once more as much while it is being written.
constexpr std::size_t kQueueBytes = std::size_t{4} << 20;

Result<int> open_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (fd < 0) {
    return fail(errno == EACCES ? Code::denied : Code::unavailable,
                "access log '" + path + "': " + std::strerror(errno));
  }
  return fd;
}

class FileLog final : public AccessLog {
 public:
  FileLog(std::string path, Format format, int fd)
      : path_(std::move(path)), format_(format), fd_(fd), thread_([this] { loop(); }) {}
  ~FileLog() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
    ::close(fd_);
  }

  void write(const AccessRecord& record) override {
    thread_local std::string line;
    line.clear();
    if (format_ == Format::json) {
      append_json_line(line, record);
    } else if (record.connection) {
      append_nlb_line(line, record);
    } else {
      append_alb_line(line, record);
    }
    bool first;
    {
      const std::lock_guard lock(mutex_);
      if (queue_.size() + line.size() > kQueueBytes) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
        return;
      }
      first = queue_.empty();
      queue_.append(line);
    }
    if (first) wake_.notify_one();
  }
  void reopen() override {
    {
      const std::lock_guard lock(mutex_);
      reopen_ = true;
    }
    wake_.notify_one();
  }
  std::uint64_t dropped() const override { return dropped_.load(std::memory_order_relaxed); }

 private:
  void loop() {
    ::pthread_setname_np(::pthread_self(), "weir-access");
    std::string batch;
    while (true) {
      bool again = false;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return ending_ || reopen_ || !queue_.empty(); });
        if (ending_ && queue_.empty()) return;
        batch.clear();
        batch.swap(queue_);
        again = std::exchange(reopen_, false);
      }
      if (again) open_again();
      put(batch);
    }
  }

  void open_again() {
    const Result<int> fd = open_file(path_);
    if (!fd) {
      LOG(error, "cannot reopen the access log, going on with the old file",
          {"error", fd.error().message});
      return;
    }
    ::close(std::exchange(fd_, *fd));
    torn_ = false;
  }

  void put(std::string_view batch) {
    if (torn_ && ::write(fd_, "\n", 1) == 1) torn_ = false;
    while (!batch.empty()) {
      const ssize_t n = ::write(fd_, batch.data(), batch.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        if (!std::exchange(failing_, true)) {
          LOG(error, "cannot write the access log, dropping lines",
              {"error", std::strerror(errno)});
        }
        dropped_.fetch_add(static_cast<std::uint64_t>(std::count(batch.begin(), batch.end(), '\n')),
                           std::memory_order_relaxed);
        return;
      }
      torn_ = batch[static_cast<std::size_t>(n) - 1] != '\n';
      batch.remove_prefix(static_cast<std::size_t>(n));
    }
    failing_ = false;
  }

  const std::string path_;
  const Format format_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string queue_;
  bool ending_ = false;
  bool reopen_ = false;
  std::atomic<std::uint64_t> dropped_{0};
  // Of the writing thread.
  int fd_;
  bool torn_ = false;     // the file ends within a line
  bool failing_ = false;  // told once
  std::thread thread_;    // last: it uses the others
};

}  // namespace

Result<std::unique_ptr<AccessLog>> AccessLog::open(const std::string& path, Format format) {
  TRY(const int fd, open_file(path));
  return std::make_unique<FileLog>(path, format, fd);
}

}  // namespace weir::observe
