#include "net/transparent.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace weir::net {
namespace {

bool make_transparent(int fd, int family) {
  const int one = 1;
  return family == AF_INET6
             ? ::setsockopt(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, &one, sizeof one) == 0
             : ::setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &one, sizeof one) == 0;
}

Error system_error(const std::string& what) {
  const Code code = errno == EPERM || errno == EACCES ? Code::denied : Code::unavailable;
  return Error(code, what + ": " + std::strerror(errno));
}

}  // namespace

Result<Fd> transparent_socket(const Address& source, int type) {
  Fd fd(::socket(source.family(), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return tl::unexpected(system_error("socket"));
  if (!make_transparent(fd.get(), source.family())) {
    return tl::unexpected(system_error("IP_TRANSPARENT"));
  }
  // The port is chosen at connect, so that one is free again for another endpoint.
  const int one = 1;
  ::setsockopt(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  Address any_port = source;
  any_port.set_port(0);
  if (::bind(fd.get(), any_port.data(), any_port.length()) != 0) {
    return tl::unexpected(system_error(source.host()));
  }
  return fd;
}

Result<> may_be_transparent() {
  const Fd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (probe && make_transparent(probe.get(), AF_INET)) return {};
  if (errno != EPERM) return tl::unexpected(system_error("IP_TRANSPARENT"));
  return fail(Code::denied,
              "weir lacks CAP_NET_RAW and CAP_NET_ADMIN: give it one of them (systemd: "
              "AmbientCapabilities=CAP_NET_RAW), or remove preserve_client_ip");
}

}  // namespace weir::net
