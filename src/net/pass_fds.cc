#include "net/pass_fds.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace weir::net {
namespace {

Error system_error(const char* what) {
  return Error(Code::unavailable, std::string(what) + ": " + std::strerror(errno));
}

using Control = std::array<char, CMSG_SPACE(sizeof(int) * kMostPassed)>;

}  // namespace

Result<bool> pass_fds(int socket, std::span<const int> fds) {
  CHECK(!fds.empty() && fds.size() <= kMostPassed);
  char byte = 'F';
  iovec bytes{&byte, 1};
  alignas(cmsghdr) Control control{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(fds.size_bytes());
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(fds.size_bytes());
  std::memcpy(CMSG_DATA(rights), fds.data(), fds.size_bytes());
  if (::sendmsg(socket, &message, MSG_NOSIGNAL) == 1) return true;
  if (errno == EAGAIN || errno == EINTR) return false;
  return tl::unexpected(system_error("descriptors not passed"));
}

Result<std::string> receive_with_fds(int socket, std::vector<Fd>& fds) {
  std::string bytes(64 * 1024, '\0');
  iovec piece{bytes.data(), bytes.size()};
  alignas(cmsghdr) Control control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return tl::unexpected(system_error("nothing received"));
  for (cmsghdr* one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one)) {
    if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (one->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(one) + i * sizeof fd, sizeof fd);
      fds.emplace_back(fd);
    }
  }
  if ((message.msg_flags & MSG_CTRUNC) != 0) {
    return fail(Code::limit, "not all descriptors fit: raise the limit on open files");
  }
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

}  // namespace weir::net
