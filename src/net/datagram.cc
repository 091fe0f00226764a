#include "net/datagram.h"

#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace weir::net {

Result<Fd> bind_datagrams(const Address& address, bool reuse_port) {
  const auto error = [&](const std::string& what) {
    const Code code = errno == EADDRINUSE ? Code::conflict
                      : errno == EACCES   ? Code::denied
                                          : Code::unavailable;
    return Error(code, what + ": " + std::strerror(errno));
  };
  Fd fd(::socket(address.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return tl::unexpected(error("socket"));
  const int one = 1;
  if (reuse_port) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  if (address.family() == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof one);
  } else {
    ::setsockopt(fd.get(), IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
  }
  if (::bind(fd.get(), address.data(), address.length()) != 0) {
    return tl::unexpected(error(address.to_string()));
  }
  return fd;
}

bool is_datagram_socket(int fd) {
  int type = 0;
  socklen_t length = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_DGRAM;
}

// Bytes first: the kernel's pages are touched only as far as datagrams reach.
struct DatagramBatch::Memory {
  char bytes[kMost][kLargest];
  std::array<mmsghdr, kMost> heads{};
  std::array<iovec, kMost> pieces{};
  std::array<sockaddr_storage, kMost> from{};
  std::array<Local, kMost> at{};
};

DatagramBatch::DatagramBatch() : memory_(new Memory) {}
DatagramBatch::~DatagramBatch() = default;

int DatagramBatch::receive(int fd, bool who) {
  Memory& memory = *memory_;
  for (std::size_t i = 0; i < kMost; ++i) {
    memory.pieces[i] = {memory.bytes[i], kLargest};
    msghdr& head = memory.heads[i].msg_hdr;
    head = {};
    head.msg_iov = &memory.pieces[i];
    head.msg_iovlen = 1;
    if (!who) continue;
    head.msg_name = &memory.from[i];
    head.msg_namelen = sizeof memory.from[i];
    head.msg_control = memory.at[i].control.data();
    head.msg_controllen = memory.at[i].control.size();
  }
  int n;
  do {
    n = ::recvmmsg(fd, memory.heads.data(), kMost, MSG_DONTWAIT, nullptr);
  } while (n < 0 && errno == EINTR);
  if (n < 0) return errno == EAGAIN ? 0 : -1;
  for (int i = 0; i < n; ++i) {
    const mmsghdr& head = memory.heads[static_cast<std::size_t>(i)];
    Datagram& datagram = datagrams_[static_cast<std::size_t>(i)];
    datagram.bytes = {static_cast<const char*>(head.msg_hdr.msg_iov->iov_base), head.msg_len};
    if (!who) continue;
    datagram.from =
        Address(static_cast<const sockaddr*>(head.msg_hdr.msg_name), head.msg_hdr.msg_namelen);
    Local& at = memory.at[static_cast<std::size_t>(i)];
    at.length = head.msg_hdr.msg_controllen;
    datagram.at = &at;
  }
  return n;
}

int DatagramBatch::send(int fd, std::size_t first, std::size_t count, const Address* to,
                        const Local* at) {
  Memory& memory = *memory_;
  for (std::size_t i = first; i < first + count; ++i) {
    memory.pieces[i] = {const_cast<char*>(datagrams_[i].bytes.data()), datagrams_[i].bytes.size()};
    msghdr& head = memory.heads[i].msg_hdr;
    head = {};
    head.msg_iov = &memory.pieces[i];
    head.msg_iovlen = 1;
    if (to) {
      head.msg_name = const_cast<sockaddr*>(to->data());
      head.msg_namelen = to->length();
    }
    if (at && at->length > 0) {
      head.msg_control = const_cast<char*>(at->control.data());
      head.msg_controllen = at->length;
    }
  }
  std::size_t sent = 0;
  while (sent < count) {
    const int n = ::sendmmsg(fd, memory.heads.data() + first + sent,
                             static_cast<unsigned>(count - sent), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    sent += static_cast<std::size_t>(n);
  }
  return static_cast<int>(sent);
}

}  // namespace weir::net
