#include "fleet/process/ports.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "net/fd.h"

namespace weir::fleet {
namespace {

// With SO_REUSEADDR, as servers do it: connections in TIME_WAIT do not count, a listener does.
int bind_error(int family, std::uint16_t port) {
  const net::Fd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return errno;
  const int on = 1;
  const int off = 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    return ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  return ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

}  // namespace

bool port_is_free(std::uint16_t port) {
  // A socket for both families meets the listeners of both.
  const int error = bind_error(AF_INET6, port);
  if (error == EAFNOSUPPORT || error == EADDRNOTAVAIL) return bind_error(AF_INET, port) == 0;
  return error == 0;
}

Ports::Ports(std::uint16_t first, std::uint16_t last) : first_(first), last_(last) {
  CHECK(first_ <= last_);
}

Result<std::uint16_t> Ports::take() {
  for (std::uint32_t tried = 0; tried < size(); ++tried) {
    const auto port = static_cast<std::uint16_t>(first_ + next_);
    next_ = (next_ + 1) % size();
    if (held_.contains(port) || !port_is_free(port)) continue;
    held_.insert(port);
    return port;
  }
  return fail(Code::limit, fmt::format("no port is free in {}-{}", first_, last_));
}

void Ports::hold(std::uint16_t port) {
  held_.insert(port);
  if (port >= first_ && port <= last_) {
    next_ = std::max(next_, static_cast<std::uint32_t>(port - first_) + 1) % size();
  }
}

void Ports::give_back(std::uint16_t port) { held_.erase(port); }

std::uint32_t Ports::free() const {
  const auto taken = std::distance(held_.lower_bound(first_), held_.upper_bound(last_));
  return size() - static_cast<std::uint32_t>(taken);
}

void Ports::set_range(std::uint16_t first, std::uint16_t last) {
  CHECK(first <= last);
  if (first == first_ && last == last_) return;
  first_ = first;
  last_ = last;
  next_ = 0;
}

Result<std::vector<std::string>> Devices::take(std::uint32_t count) {
  std::vector<std::string> given;
  for (const auto& device : all_) {
    if (given.size() < count && !held_.contains(device)) given.push_back(device);
  }
  if (given.size() < count) {
    return fail(Code::limit, all_.empty()
                                 ? fmt::format("gpus: {} asked for, but `devices` is empty", count)
                                 : fmt::format("gpus: {} asked for, {} of {} devices free", count,
                                               given.size(), all_.size()));
  }
  hold(given);
  return given;
}

void Devices::hold(const std::vector<std::string>& devices) {
  held_.insert(devices.begin(), devices.end());
}

void Devices::give_back(const std::vector<std::string>& devices) {
  for (const auto& device : devices) {
    if (const auto it = held_.find(device); it != held_.end()) held_.erase(it);
  }
}

std::optional<std::uint32_t> Devices::free() const {
  if (all_.empty()) return std::nullopt;
  return static_cast<std::uint32_t>(std::ranges::count_if(
      all_, [&](const std::string& device) { return !held_.contains(device); }));
}

}  // namespace weir::fleet
