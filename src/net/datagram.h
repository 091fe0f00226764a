// Datagram sockets of listeners, and batches of datagrams: many a system call (recvmmsg, sendmmsg).
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "net/address.h"
#include "net/fd.h"

namespace weir::net {

// Bound, close-on-exec, not blocking; each datagram tells which of our addresses it was sent to.
Result<Fd> bind_datagrams(const Address& address, bool reuse_port);
bool is_datagram_socket(int fd);

// One of our addresses, as the control message that brings it and can set it as a source.
struct Local {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> control{};
  std::size_t length = 0;  // 0: unknown
};

struct Datagram {
  std::string_view bytes;
  Address from;               // when asked for
  const Local* at = nullptr;  // where it was sent to; when asked for
};

// Memory for one batch, shared by all sockets of a thread: what was received is there until the
// next receive(). Lives on one thread.
class DatagramBatch {
 public:
  static constexpr std::size_t kMost = 32;
  static constexpr std::size_t kLargest = 64 * 1024;

  DatagramBatch();
  ~DatagramBatch();
  DatagramBatch(const DatagramBatch&) = delete;
  DatagramBatch& operator=(const DatagramBatch&) = delete;

  // How many have come, at most kMost; 0 when none is there, -1 on an error (errno).
  // `who`: with their senders and our addresses, for sockets that are not connected.
  int receive(int fd, bool who);
  const Datagram& operator[](std::size_t i) const { return datagrams_[i]; }

  // Sends received ones, from `first` on, `count` of them, on a connected socket, or to `to` from
  // our address `at`. How many went out: the kernel takes no more now, or errno says why.
  int send(int fd, std::size_t first, std::size_t count, const Address* to = nullptr,
           const Local* at = nullptr);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
  std::array<Datagram, kMost> datagrams_;
};

}  // namespace weir::net
