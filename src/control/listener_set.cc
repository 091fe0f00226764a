#include "control/listener_set.h"

#include <algorithm>
#include <utility>

#include "net/datagram.h"

namespace weir::control {

ListenerSet::ListenerSet(std::vector<net::Inherited> inherited, std::size_t workers)
    : inherited_(std::move(inherited)), workers_(workers) {}

Result<ListenerSet::Bound> ListenerSet::bind(const std::string& name, const std::string& text,
                                             bool datagrams) {
  Bound bound;
  bound.bind = text;
  bound.datagrams = datagrams;
  TRY(net::Address address, net::parse_address(text));
  for (net::Inherited& given : inherited_) {
    if (!given.fd || net::is_datagram_socket(given.fd.get()) != datagrams) continue;
    const bool handed = !given.bind.empty();
    const bool same_place = handed ? given.bind == text  // port 0 was given one
                                   : given.address.is_unix() == address.is_unix();
    if (given.address.to_string() == address.to_string() || (given.name == name && same_place)) {
      bound.address = given.address;
      bound.fds.push_back(std::move(given.fd));
    }
  }
  if (!bound.fds.empty()) return bound;
  // One socket a worker, so that the kernel spreads the connections; port 0 is one port for all.
  const std::size_t count = address.is_unix() ? 1 : workers_;
  const auto open = [&](bool reuse_port) {
    return datagrams ? net::bind_datagrams(address, reuse_port)
                     : net::listen_on(address, reuse_port);
  };
  for (std::size_t i = 0; i < count; ++i) {
    if (i == 0 && count > 1 && address.port() != 0) {
      // Another process of the same user could share the port by SO_REUSEPORT unnoticed.
      auto probe = open(false);
      if (!probe) return tl::unexpected(probe.error());
    }
    TRY(net::Fd fd, open(count > 1));
    if (i == 0) {
      bound.address = net::local_address(fd.get());
      if (!address.is_unix()) address.set_port(bound.address.port());
    }
    bound.fds.push_back(std::move(fd));
  }
  return bound;
}

std::vector<ListenerSet::Problem> ListenerSet::update(const Named<Listener>& listeners) {
  std::vector<Problem> problems;
  std::map<std::string, std::vector<Bound>> fresh;
  const auto open_already = [&](const std::string& name, const std::string& text, bool datagrams) {
    const auto known = open_.find(name);
    return known != open_.end() &&
           std::any_of(known->second.begin(), known->second.end(),
                       [&](const Bound& b) { return b.bind == text && b.datagrams == datagrams; });
  };
  for (const auto& [name, listener] : listeners) {
    const bool datagrams = listener.protocol == "udp";
    for (const std::string& text : listener.bind) {
      if (open_already(name, text, datagrams)) continue;
      auto bound = bind(name, text, datagrams);
      if (bound) {
        fresh[name].push_back(std::move(*bound));
      } else {
        problems.push_back(Problem{name, bound.error()});
      }
    }
  }
  if (!problems.empty()) return problems;
  for (auto& [name, bounds] : open_) {
    const auto wanted = listeners.find(name);
    for (Bound& bound : bounds) {
      const bool stays =
          wanted != listeners.end() && (wanted->second.protocol == "udp") == bound.datagrams &&
          std::find(wanted->second.bind.begin(), wanted->second.bind.end(), bound.bind) !=
              wanted->second.bind.end();
      (stays ? fresh[name] : stale_).push_back(std::move(bound));
    }
  }
  open_ = std::move(fresh);
  return problems;
}

std::vector<HandedListener> ListenerSet::handed(std::vector<int>& fds) const {
  std::vector<HandedListener> result;
  for (const auto& [name, bounds] : open_) {
    for (const Bound& bound : bounds) {
      result.push_back({name, bound.bind, static_cast<std::uint32_t>(bound.fds.size())});
      for (const net::Fd& fd : bound.fds) fds.push_back(fd.get());
    }
  }
  return result;
}

std::vector<OpenListener> ListenerSet::open() const {
  std::vector<OpenListener> result;
  for (const auto& [name, bounds] : open_) {
    OpenListener listener;
    listener.name = name;
    for (const Bound& bound : bounds) {
      listener.bound.push_back(bound.address.to_string());
      if (listener.port == 0) listener.port = bound.address.port();
      for (const net::Fd& fd : bound.fds) listener.fds.push_back(fd.get());
    }
    result.push_back(std::move(listener));
  }
  return result;
}

}  // namespace weir::control
