#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace weir::net {

Address::Address(const sockaddr* address, socklen_t length)
    : length_(std::min<socklen_t>(length, sizeof storage_)) {
  std::memcpy(&storage_, address, length_);
}

Address Address::v4(const std::uint8_t* bytes, std::uint16_t port) {
  Address address;
  address.storage_.v4.sin_family = AF_INET;
  address.storage_.v4.sin_port = htons(port);
  std::memcpy(&address.storage_.v4.sin_addr, bytes, 4);
  address.length_ = sizeof(sockaddr_in);
  return address;
}

Address Address::v6(const std::uint8_t* bytes, std::uint16_t port) {
  Address address;
  address.storage_.v6.sin6_family = AF_INET6;
  address.storage_.v6.sin6_port = htons(port);
  std::memcpy(&address.storage_.v6.sin6_addr, bytes, 16);
  address.length_ = sizeof(sockaddr_in6);
  return address;
}

Address Address::of_ip(const std::uint8_t* bytes, std::uint16_t port) {
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::memcmp(bytes, kMapped, 12) == 0 ? v4(bytes + 12, port) : v6(bytes, port);
}

std::uint16_t Address::port() const {
  if (family() == AF_INET) return ntohs(storage_.v4.sin_port);
  if (family() == AF_INET6) return ntohs(storage_.v6.sin6_port);
  return 0;
}

void Address::set_port(std::uint16_t port) {
  if (family() == AF_INET) storage_.v4.sin_port = htons(port);
  if (family() == AF_INET6) storage_.v6.sin6_port = htons(port);
}

void Address::ip(std::uint8_t (&bytes)[16]) const {
  std::memset(bytes, 0, 16);
  if (family() == AF_INET) {
    bytes[10] = bytes[11] = 0xff;
    std::memcpy(bytes + 12, &storage_.v4.sin_addr, 4);
  } else if (family() == AF_INET6) {
    std::memcpy(bytes, &storage_.v6.sin6_addr, 16);
  }
}

std::string Address::host() const {
  char text[INET6_ADDRSTRLEN] = "";
  switch (family()) {
    case AF_INET:
      return ::inet_ntop(AF_INET, &storage_.v4.sin_addr, text, sizeof text);
    case AF_INET6:
      return ::inet_ntop(AF_INET6, &storage_.v6.sin6_addr, text, sizeof text);
    case AF_UNIX: {
      const std::size_t head = offsetof(sockaddr_un, sun_path);
      if (length_ <= head) return "";
      const std::string_view path(storage_.local.sun_path, length_ - head);
      return std::string(path.substr(0, path.find('\0')));
    }
    default:
      return "";
  }
}

std::string Address::to_string() const {
  if (is_unix()) return "unix:" + host();
  if (family() == AF_INET6) return "[" + host() + "]:" + std::to_string(port());
  return host() + ":" + std::to_string(port());
}

Result<HostPort> split_host_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return fail(Code::invalid, "no port: write host:port");
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port > 65535) {
    return fail(Code::invalid,
                "port '" + std::string(digits) + "' is not a number from 0 to 65535");
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return fail(Code::invalid, "an IPv6 address stands in brackets: [" + std::string(host) +
                                   "]:" + std::string(digits));
  }
  if (host.empty()) return fail(Code::invalid, "no host: write host:port");
  return HostPort{std::string(host), static_cast<std::uint16_t>(port)};
}

Result<Address> parse_address(std::string_view text) {
  if (text.starts_with("unix:")) {
    const std::string_view path = text.substr(5);
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof local.sun_path || path.find('\0') != path.npos) {
      return fail(Code::invalid,
                  "the path of a unix socket has 1 to 107 characters, none of them NUL");
    }
    std::memcpy(local.sun_path, path.data(), path.size());
    return Address(reinterpret_cast<const sockaddr*>(&local),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1));
  }
  TRY(const HostPort parts, split_host_port(text));
  sockaddr_in v4{};
  if (::inet_pton(AF_INET, parts.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(parts.port);
    return Address(reinterpret_cast<const sockaddr*>(&v4), sizeof v4);
  }
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET6, parts.host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(parts.port);
    return Address(reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
  }
  return fail(Code::invalid, "'" + parts.host + "' is not an IP address");
}

Address local_address(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return Address(reinterpret_cast<const sockaddr*>(&storage), length);
}

Address peer_address(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return Address(reinterpret_cast<const sockaddr*>(&storage), length);
}

}  // namespace weir::net
