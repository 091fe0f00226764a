// For tests: one end of a connection, used from the test's own thread. What does not come within
// ten seconds does not come.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/address.h"
#include "net/fd.h"
#include "net/listen.h"

namespace weir::proxy {

inline constexpr int kPatienceMs = 10'000;

// Looks again and again until it holds, for a while.
template <class Condition>
bool eventually(Condition condition) {
  const Time end = system_clock().now() + std::chrono::milliseconds(kPatienceMs);
  while (!condition()) {
    if (system_clock().now() > end) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

class TestPeer {
 public:
  enum class End { proper, reset, none };

  TestPeer() = default;
  explicit TestPeer(net::Fd fd) : fd_(std::move(fd)) {}
  static TestPeer connect(const net::Address& address) {
    net::Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(fd.get(), address.data(), address.length()), 0) << address.to_string();
    return TestPeer(std::move(fd));
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;  // the peer has gone; what it reads then shows it
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  // Up to and with the first empty line.
  std::string read_head() { return read_until("\r\n\r\n"); }
  std::string read_until(std::string_view mark) {
    std::size_t at;
    while ((at = got_.find(mark)) == std::string::npos) {
      if (!more()) return take(got_.size());
    }
    return take(at + mark.size());
  }
  std::string read(std::size_t size) {
    while (got_.size() < size && more()) {
    }
    return take(std::min(size, got_.size()));
  }
  // All that comes before the end.
  std::string read_to_end() {
    while (more()) {
    }
    return take(got_.size());
  }
  // So many bytes have come by now.
  bool has(std::size_t size) {
    char buffer[16 * 1024];
    ssize_t n;
    while ((n = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT)) > 0) {
      got_.append(buffer, static_cast<std::size_t>(n));
    }
    return got_.size() >= size;
  }
  // How the connection ends; bytes before that are a mistake.
  End end() {
    EXPECT_EQ(read_to_end(), "");
    return end_;
  }
  // The end that the last read met.
  End met() const { return end_; }
  // Nothing can be read now.
  bool silent() {
    pollfd wait{fd_.get(), POLLIN, 0};
    return got_.empty() && ::poll(&wait, 1, 0) == 0;
  }
  // Writes until nothing more goes out for a while.
  std::size_t fill() {
    const std::string block(64 * 1024, 'x');
    std::size_t total = 0;
    pollfd wait{fd_.get(), POLLOUT, 0};
    while (::poll(&wait, 1, 100) > 0) {
      const ssize_t n = ::send(fd_.get(), block.data(), block.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0) break;
      total += static_cast<std::size_t>(n);
    }
    return total;
  }

  void finish() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_ = net::Fd(); }
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  bool open() const { return static_cast<bool>(fd_); }

 private:
  bool more() {
    pollfd wait{fd_.get(), POLLIN, 0};
    if (::poll(&wait, 1, kPatienceMs) <= 0) {
      end_ = End::none;
      return false;
    }
    char buffer[16 * 1024];
    const ssize_t n = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (n > 0) {
      got_.append(buffer, static_cast<std::size_t>(n));
      return true;
    }
    end_ = n == 0 ? End::proper : End::reset;
    return false;
  }
  std::string take(std::size_t size) {
    const std::string out = got_.substr(0, size);
    got_.erase(0, size);
    if (got_.empty()) got_.shrink_to_fit();
    return out;
  }

  net::Fd fd_;
  std::string got_;
  End end_ = End::none;
};

// A listening socket whose connections the test takes one by one.
class TestHost {
 public:
  explicit TestHost(const std::string& bind = "127.0.0.1:0")
      : fd_(net::listen_on(net::parse_address(bind).value(), false).value()),
        address_(net::local_address(fd_.get())) {}

  std::string address() const { return address_.to_string(); }
  TestPeer accept() {
    pollfd wait{fd_.get(), POLLIN, 0};
    EXPECT_GT(::poll(&wait, 1, kPatienceMs), 0) << "nobody connects";
    return TestPeer(net::Fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  }
  bool nobody_comes() {
    pollfd wait{fd_.get(), POLLIN, 0};
    return ::poll(&wait, 1, 0) == 0;
  }
  // From now on connections are refused.
  void close() { fd_ = net::Fd(); }

 private:
  net::Fd fd_;
  net::Address address_;
};

}  // namespace weir::proxy
