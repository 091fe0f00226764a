// Sockets of the bench tools: loopback, non-blocking, close-on-exec.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace weir::bench {

// Owns a descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

// Port 0: one of the kernel's choice.
Result<Fd> listen_on(std::uint16_t port);
std::uint16_t local_port(const Fd& socket);

// An empty one when nobody waits.
Fd accept_from(const Fd& listener);

// The connection may still be under way: the socket becomes writable when it stands.
Result<Fd> connect_to(std::uint16_t port);

// Sends what the kernel takes and removes it from `bytes`; false when the peer is gone.
bool send_some(const Fd& socket, std::string_view& bytes);

}  // namespace weir::bench
