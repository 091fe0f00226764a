// Address: where a socket is bound or connects to: IPv4, IPv6 or a Unix socket.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::net {

class Address {
 public:
  Address() = default;
  Address(const sockaddr* address, socklen_t length);
  // Of 4 and of 16 bytes.
  static Address v4(const std::uint8_t* bytes, std::uint16_t port);
  static Address v6(const std::uint8_t* bytes, std::uint16_t port);
  // Of what ip() gives: IPv4 where it is one.
  static Address of_ip(const std::uint8_t* bytes, std::uint16_t port);

  int family() const { return storage_.any.sa_family; }
  bool is_unix() const { return family() == AF_UNIX; }
  std::uint16_t port() const;  // 0 for a Unix socket
  void set_port(std::uint16_t port);
  // The sixteen bytes of the IP, IPv4 as ::ffff:a.b.c.d; all zero for a Unix socket.
  void ip(std::uint8_t (&bytes)[16]) const;
  std::string host() const;       // 127.0.0.1, ::1, or the path
  std::string to_string() const;  // 127.0.0.1:80, [::1]:80, unix:/path
  const sockaddr* data() const { return &storage_.any; }
  socklen_t length() const { return length_; }

 private:
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
    sockaddr_un local;
  } storage_{};
  socklen_t length_ = 0;
};

// 127.0.0.1:80, [::1]:80, unix:/path. Names are not resolved here (resolver.h).
Result<Address> parse_address(std::string_view text);
// The host and port of `name:80`, `[::1]:80`; fails without a port.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
Result<HostPort> split_host_port(std::string_view text);

// What a connected or bound socket says of itself; an empty address on error.
Address local_address(int fd);
Address peer_address(int fd);

}  // namespace weir::net
