// The part of a worker that concerns listeners of layer 4, and connections that introduce
// themselves.
#include <utility>

#include "base/log.h"
#include "proxy/introduce.h"
#include "proxy/layer4.h"
#include "proxy/service.h"
#include "proxy/udp.h"
#include "proxy/worker.h"

namespace weir::proxy {
namespace {

// The next versions of those that `takes` takes; what is there goes on.
template <class T, class Takes>
void next_versions(Worker& worker, const Snapshot& snapshot, std::map<std::string, Local<T>>& have,
                   Takes takes) {
  std::map<std::string, Local<T>> next;
  for (const auto& listener : snapshot.listeners) {
    if (!takes(listener->options)) continue;
    const auto found = have.find(listener->name);
    if (found == have.end()) {
      next.emplace(listener->name, make_local<T>(worker, listener));
    } else {
      found->second->update(listener);
      next.insert(*found);
    }
  }
  have.swap(next);
}

}  // namespace

void Worker::apply_layer4(const Snapshot& snapshot, const std::vector<Socket>& sockets) {
  note_local_ip_ = false;
  for (const auto& group : snapshot.groups) {
    if (group && group->options.proxy_protocol != "off") note_local_ip_ = true;
  }
  next_versions(*this, snapshot, layer4_, [](const Listener& options) {
    return is_layer4(options) && options.protocol != "udp";
  });
  const auto before = udp_;
  next_versions(*this, snapshot, udp_,
                [](const Listener& options) { return options.protocol == "udp"; });
  for (const auto& [name, udp] : before) {
    if (!udp_.contains(name)) udp->close_sockets();
  }
  for (const auto& [name, udp] : udp_) {
    std::vector<int> fds;
    std::uint16_t port = 0;
    for (const Socket& socket : sockets) {
      if (socket.listener != name || draining_) continue;
      fds.push_back(socket.fd);
      port = socket.port;
    }
    udp->use_sockets(fds, port);
  }
}

bool Worker::is_datagrams(const Socket& socket) const { return udp_.contains(socket.listener); }

bool Worker::accept_layer4(const Socket& socket) {
  if (is_datagrams(socket)) return true;
  const auto found = layer4_.find(socket.listener);
  if (found == layer4_.end()) return false;
  if (draining_) return true;
  auto on_accept = [this, service = found->second, port = socket.port](net::Fd fd,
                                                                       const net::Address& peer) {
    http::Peer who = http::peer_of(fd.get(), peer);
    who.local_port = port;
    sessions_.spawn(serve_connection(service, std::move(fd), who));
  };
  // Beyond the limit of connections they wait in the backlog.
  auto may_accept = [service = found->second] { return !service->full(); };
  auto acceptor = net::Acceptor::start(reactor_, socket.fd, socket.shared, std::move(on_accept),
                                       std::move(may_accept));
  if (!acceptor) {
    LOG(error, "cannot accept", {"listener", socket.listener});
    return true;
  }
  acceptors_.push_back(Accepting{socket, std::move(acceptor), true});
  return true;
}

Task<> Worker::introduce(Local<Service> service, net::Fd fd, http::Peer who) {
  net::Interrupt stopped;
  const Breakable breakable(*this, stopped);
  service->open_connections().fetch_add(1, std::memory_order_relaxed);
  const net::Deadline deadline(reactor_.now() + service->settings().limits.header_time, &stopped);
  const char* wrong = co_await take_proxy_header(reactor_, fd.get(), who, deadline);
  service->open_connections().fetch_sub(1, std::memory_order_relaxed);
  if (wrong) {
    service->refused(400, wrong);
    co_return;
  }
  if (!service->admits(who.ip)) co_return service->deny(who);
  open_session(std::move(service), std::move(fd), who);
}

}  // namespace weir::proxy
