#include "proxy/worker.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/units.h"
#include "judge/panic.h"
#include "proxy/introduce.h"
#include "proxy/layer4.h"
#include "proxy/metrics.h"
#include "proxy/secure.h"
#include "proxy/service.h"
#include "proxy/slot.h"
#include "proxy/udp.h"

namespace weir::proxy {
GroupCells::GroupCells(observe::Sheet& sheet, const std::string& group)
    : request_seconds(sheet.histogram(metrics::request_seconds, {group})),
      first_byte_seconds(sheet.histogram(metrics::first_byte_seconds, {group})),
      wait_seconds(sheet.histogram(metrics::wait_seconds, {group})),
      cancelled(sheet.counter(metrics::cancelled_total, {group})),
      cut_endpoint(sheet.counter(metrics::cut_total, {group, "endpoint"})),
      cut_client(sheet.counter(metrics::cut_total, {group, "client"})),
      ejected_failures(sheet.counter(metrics::ejections_total, {group, "failures"})),
      ejected_hung(sheet.counter(metrics::ejections_total, {group, "hung"})),
      connects(sheet.counter(metrics::connects_total, {group})),
      request_bytes(sheet.counter(metrics::request_bytes_total, {group})),
      response_bytes(sheet.counter(metrics::response_bytes_total, {group})),
      rejected_full(sheet.counter(metrics::rejected_total, {group, "full"})),
      rejected_timeout(sheet.counter(metrics::rejected_total, {group, "timeout"})),
      rejected_none(sheet.counter(metrics::rejected_total, {group, "no_endpoint"})),
      tripped_connections(sheet.counter(metrics::circuit_open_total, {group, "connections"})),
      tripped_pending(sheet.counter(metrics::circuit_open_total, {group, "pending"})),
      tripped_requests(sheet.counter(metrics::circuit_open_total, {group, "requests"})),
      tripped_retries(sheet.counter(metrics::circuit_open_total, {group, "retries"})),
      deregistered(sheet.counter(metrics::deregistered_total, {group})),
      retries_connect(sheet.counter(metrics::retries_total, {group, "connect"})),
      retries_unanswered(sheet.counter(metrics::retries_total, {group, "unanswered"})),
      overload(sheet, group) {}

WorkerGroup::WorkerGroup(std::shared_ptr<const Group> g, std::shared_ptr<Room> r,
                         Local<GroupCells> c, Random& random)
    : group(std::move(g)),
      room(std::move(r)),
      plan(std::static_pointer_cast<const balance::Plan>(group->plan)),
      balancer(plan->balancer(random)),
      cells(std::move(c)) {}

// One connection of a client, in the worker's list.
struct Worker::Session {
  Session(Worker& w, Local<Service> s, net::Owned<net::Stream> stream, http::Peer peer)
      : worker(w),
        service(std::move(s)),
        server(std::move(stream), *service, peer),
        next(w.first_session_) {
    if (next) next->previous = this;
    worker.first_session_ = this;
    service->open_connections().fetch_add(1, std::memory_order_relaxed);
  }
  ~Session() {
    (previous ? previous->next : worker.first_session_) = next;
    if (next) next->previous = previous;
    service->open_connections().fetch_sub(1, std::memory_order_relaxed);
  }
  Worker& worker;
  Local<Service> service;
  http::H1Server server;
  Session* next;
  Session* previous = nullptr;
};

Worker::Worker(Common& common, observe::Sheet& sheet, std::uint64_t seed, int index)
    : common_(common), sheet_(sheet), random_(seed), index_(index), reactor_(common.clock) {}

Worker::~Worker() { join(); }

void Worker::start() {
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), ("weir-" + std::to_string(index_)).c_str());
    background_.spawn(sweep());
    reactor_.run();
    // Stopped: what is left is broken off, and its coroutines end.
    closing_.raise();
    acceptors_.clear();
    for (auto& [name, udp] : udp_) udp->close_sockets();
    while (sessions_.running() > 0 || background_.running() > 0) {
      abort_connections();
      reactor_.turn(reactor_.now() + 10ms);
    }
    endpoints_.clear();
    groups_.clear();
    services_.clear();
    layer4_.clear();
    udp_.clear();
    reactor_.turn(reactor_.now());
  });
}

void Worker::join() {
  if (!thread_.joinable()) return;
  reactor_.stop();
  thread_.join();
}

// ---------------------------------------------------------------- versions

void Worker::apply(std::shared_ptr<const Snapshot> snapshot, std::vector<Socket> sockets) {
  snapshot_ = std::move(snapshot);
  const auto before = apply_groups(*snapshot_);
  apply_endpoints(*snapshot_);
  apply_listeners(*snapshot_, std::move(sockets));
  // Who waits in line finds new endpoints, or that the group has gone.
  for (const auto& group : before) {
    if (group) group->room->wake();
  }
  wake_rooms();
}

// What there was before.
std::vector<Local<WorkerGroup>> Worker::apply_groups(const Snapshot& snapshot) {
  auto before = std::move(groups_);
  groups_ = std::vector<Local<WorkerGroup>>(snapshot.groups.size());
  group_slots_.clear();
  for (std::size_t i = 0; i < snapshot.groups.size(); ++i) {
    const auto& next = snapshot.groups[i];
    if (!next) continue;
    group_slots_.emplace(next->name, static_cast<std::uint32_t>(i));
    Local<WorkerGroup> mine;
    if (i < before.size() && before[i] && before[i]->group->id == next->id) mine = before[i];
    if (mine && mine->plan == next->plan) {
      mine->update(next);
    } else {
      auto cells = mine ? mine->cells : make_local<GroupCells>(sheet_, next->name);
      mine = make_local<WorkerGroup>(next, common_.room(*next), std::move(cells), random_);
    }
    groups_[i] = std::move(mine);
  }
  return before;
}

void Worker::wake_rooms() {
  for (const auto& group : groups_) {
    if (group) group->room->wake();
  }
}

void Worker::apply_endpoints(const Snapshot& snapshot) {
  std::vector<bool> alive(endpoints_.size());
  for (const auto& group : snapshot.groups) {
    if (!group) continue;
    for (const auto& endpoint : group->endpoints) {
      if (endpoint->slot < endpoints_.size() && endpoints_[endpoint->slot] &&
          endpoints_[endpoint->slot]->endpoint->id == endpoint->id) {
        alive[endpoint->slot] = true;
        // Nothing new goes there: what is kept unused is of no use.
        if (endpoint->load->draining.load(std::memory_order_relaxed)) {
          endpoints_[endpoint->slot]->pool.clear();
          endpoints_[endpoint->slot]->connections.settle(endpoints_[endpoint->slot]->pool);
        }
      }
    }
  }
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    if (endpoints_[i] && !alive[i]) {
      endpoints_[i]->pool.clear();
      endpoints_[i]->h2.reset();
      endpoints_[i].reset();
    }
  }
}

void Worker::apply_listeners(const Snapshot& snapshot, std::vector<Socket> sockets) {
  std::map<std::string, Local<Service>> services;
  for (const auto& listener : snapshot.listeners) {
    if (is_layer4(listener->options)) continue;
    const auto found = services_.find(listener->name);
    if (found != services_.end()) {
      found->second->update(listener);
      services.emplace(listener->name, found->second);
    } else {
      services.emplace(listener->name, make_local<Service>(*this, listener));
    }
  }
  services_.swap(services);
  for (const auto& [name, service] : services) {
    if (!services_.contains(name)) service->retire();
  }
  apply_layer4(snapshot, sockets);
  // Sockets that go on are left alone: their backlog holds connections.
  std::vector<Accepting> acceptors;
  for (const Socket& socket : sockets) {
    const auto same = std::find_if(acceptors_.begin(), acceptors_.end(), [&](const auto& have) {
      return have.socket.fd == socket.fd && have.socket.listener == socket.listener &&
             have.layer4 == layer4_.contains(socket.listener);
    });
    if (same == acceptors_.end()) continue;
    acceptors.push_back(std::move(*same));
    acceptors_.erase(same);
  }
  // The others go before new ones come: a descriptor may go from one listener to another.
  for (auto& ending : acceptors_) ending.acceptor->accept_backlog();
  acceptors_ = std::move(acceptors);
  for (const Socket& socket : sockets) {
    const bool known = std::any_of(acceptors_.begin(), acceptors_.end(),
                                   [&](const auto& have) { return have.socket.fd == socket.fd; });
    if (!known) accept_from(socket);
  }
  // Connections of a listener that is gone end after what they are serving.
  drain_sessions();
}

bool Worker::ending(const Service& service) const { return draining_ || service.retired(); }

void Worker::accept_from(const Socket& socket) {
  if (accept_layer4(socket)) return;
  const auto service = services_.find(socket.listener);
  if (service == services_.end() || draining_) return;
  auto on_accept = [this, serving = service->second, port = socket.port](net::Fd fd,
                                                                         const net::Address& peer) {
    accepted(serving, std::move(fd), peer, port);
  };
  auto may_accept = [this, serving = service->second, fd = socket.fd] {
    return this->may_accept(*serving, fd);
  };
  auto acceptor = net::Acceptor::start(reactor_, socket.fd, socket.shared, std::move(on_accept),
                                       std::move(may_accept));
  if (!acceptor) {
    LOG(error, "cannot accept", {"listener", socket.listener});
    return;
  }
  acceptors_.push_back(Accepting{socket, std::move(acceptor), false});
}

Local<WorkerGroup> Worker::group(std::string_view name, std::uint32_t& slot) {
  if (slot < groups_.size() && groups_[slot] && groups_[slot]->group->name == name) {
    return groups_[slot];
  }
  const auto found = group_slots_.find(name);
  if (found == group_slots_.end()) return {};
  slot = found->second;
  return groups_[slot];
}

bool Worker::refresh(Local<WorkerGroup>& group) {
  const std::uint32_t slot = group->group->slot;
  const bool exists =
      slot < groups_.size() && groups_[slot] && groups_[slot]->group->id == group->group->id;
  if (exists) group = groups_[slot];
  return exists;
}

Local<WorkerEndpoint> Worker::endpoint(const std::shared_ptr<const Endpoint>& endpoint,
                                       bool adaptive) {
  if (endpoint->slot >= endpoints_.size()) endpoints_.resize(endpoint->slot + 1);
  Local<WorkerEndpoint>& mine = endpoints_[endpoint->slot];
  if (mine && mine->endpoint->id == endpoint->id) {
    if (adaptive && !mine->limiter) mine->limiter = common_.commons.limiter(endpoint->id);
    return mine;
  }
  auto fresh = make_local<WorkerEndpoint>();
  fresh->endpoint = endpoint;
  if (auto address = net::parse_address(endpoint->address)) fresh->address = *address;
  if (adaptive) fresh->limiter = common_.commons.limiter(endpoint->id);
  // A request that still runs on an older version must not displace a newer endpoint.
  if (!mine || mine->endpoint->id < endpoint->id) mine = fresh;
  return fresh;
}

http::H2Pool& Worker::h2_pool(WorkerEndpoint& endpoint) {
  if (!endpoint.h2) endpoint.h2 = std::make_unique<http::H2Pool>(reactor_, background_, closing_);
  return *endpoint.h2;
}

// ---------------------------------------------------------------- connections

bool Worker::may_accept(Service& service, int fd) {
  const std::uint32_t most = service.settings().limits.connections;
  const char* full = nullptr;
  if (most && service.open_connections().load(std::memory_order_relaxed) >= most) {
    full = "connections";
  } else if (descriptors_.scarce(fd)) {
    full = "descriptors";
  }
  service.accept_paused(full);
  return !full;
}

void Worker::accepted(Local<Service> service, net::Fd fd, const net::Address& peer,
                      std::uint16_t port) {
  http::Peer who = http::peer_of(fd.get(), peer);
  who.local_port = port;
  // Closed at once. Behind a proxy, `peer` is not the client.
  if (!service->proxy_protocol() && !service->admits(who.ip)) return service->deny(who);
  descriptors_.opened(fd.get());
  if (note_local_ip_) note_local_ip(who, fd.get());
  if (service->proxy_protocol()) {
    sessions_.spawn(introduce(std::move(service), std::move(fd), who));
  } else {
    open_session(std::move(service), std::move(fd), who);
  }
}

void Worker::open_session(Local<Service> service, net::Fd fd, const http::Peer& who) {
  net::Owned<net::Stream> stream = net::Stream::adopt(reactor_, std::move(fd));
  if (!stream) return;
  service->connections().add();
  if (service->front()) {
    sessions_.spawn(shake(std::move(service), std::move(stream), who));
    return;
  }
  begin(service, std::move(stream), who);
}

void Worker::begin(const Local<Service>& service, net::Owned<net::Stream> stream,
                   const http::Peer& who) {
  auto session = std::make_unique<Session>(*this, service, std::move(stream), who);
  if (ending(*service)) session->server.drain();
  serve(sessions_, std::move(session));
}

// The handshake. Its frame is gone once the connection serves.
Task<> Worker::shake(Local<Service> service, net::Owned<net::Stream> stream, http::Peer who) {
  struct Counted {  // as an open connection
    explicit Counted(Service& s) : service(s) { service.open_connections().fetch_add(1); }
    ~Counted() { service.open_connections().fetch_sub(1); }
    Service& service;
  };
  const Counted counted(*service);
  net::Interrupt stop;
  const Breakable breakable(*this, stop);
  const net::Deadline deadline(reactor_.now() + service->settings().limits.header_time, &stop);
  const std::string_view wrong =
      co_await secure_client(sheet_, service->name(), *service->front(), *stream, deadline);
  if (!wrong.empty()) co_return;
  begin(service, std::move(stream), who);
}

// Kept small: this frame is part of what an idle connection costs.
Scope::Job Worker::serve(Scope&, std::unique_ptr<Session> session) {
  {
    const std::unique_ptr<Session> mine = std::move(session);
    co_await mine->server.run();
  }
}

void Worker::drain(bool gently) {
  draining_ = true;
  for (auto& accepting : acceptors_) accepting.acceptor->accept_backlog();
  acceptors_.clear();
  for (auto& [name, udp] : udp_) udp->close_sockets();
  drain_sessions(gently);
}

void Worker::drain_sessions(bool gently) {
  for (Session* session = first_session_; session; session = session->next) {
    if (ending(*session->service)) session->server.drain(gently);
  }
}

bool Worker::out_of_descriptors() const {
  return !acceptors_.empty() && net::out_of_descriptors(acceptors_.front().socket.fd);
}

void Worker::abort_connections() {
  for (net::Interrupt* broken : breakable_) broken->raise();
  for (Session* session = first_session_; session; session = session->next) session->server.abort();
}

Task<> Worker::sweep() {
  while (true) {
    const net::Deadline next(reactor_.now() + 1s, &closing_);
    const net::Io slept = co_await net::sleep(reactor_, next);
    if (slept == net::Io::cancelled) co_return;
    if (!snapshot_) continue;
    // What comes back by the mere passing of time, such as an ejected endpoint, rings no bell.
    wake_rooms();
    for (const auto& group : snapshot_->groups) {
      if (!group) continue;
      for (const auto& endpoint : group->endpoints) {
        if (endpoint->slot >= endpoints_.size() || !endpoints_[endpoint->slot]) continue;
        WorkerEndpoint& mine = *endpoints_[endpoint->slot];
        const Time since = reactor_.now() - group->options.idle_connections;
        mine.pool.sweep(since);
        mine.connections.settle(mine.pool);
        if (!mine.h2) continue;
        mine.h2->sweep(since);
        mine.connections.share(mine.h2->size());
      }
    }
  }
}

// ---------------------------------------------------------------- what others want to know

void Worker::released(const Group& group, const Endpoint& endpoint) {
  if (endpoint.load->draining.load(std::memory_order_relaxed) &&
      endpoint.load->in_flight.load(std::memory_order_relaxed) == 0 && common_.hooks.drained) {
    common_.hooks.drained(group.name, endpoint.instance);
  }
}

void Worker::queue_started(const Group& group) {
  if (common_.hooks.queue_started) common_.hooks.queue_started(group.name);
}

void Worker::close_idle(const Group& group) {
  for (const auto& endpoint : group.endpoints) {
    if (endpoint->slot >= endpoints_.size() || !endpoints_[endpoint->slot]) continue;
    WorkerEndpoint& mine = *endpoints_[endpoint->slot];
    mine.pool.clear();
    mine.connections.settle(mine.pool);
    if (!mine.h2) continue;
    mine.h2->sweep(kNever);
    mine.connections.share(mine.h2->size());
  }
}

void Worker::cut(const Endpoint& endpoint) {
  if (endpoint.slot >= endpoints_.size() || !endpoints_[endpoint.slot]) return;
  const Local<WorkerEndpoint> mine = endpoints_[endpoint.slot];
  if (mine->endpoint->id != endpoint.id) return;
  mine->pool.clear();
  mine->connections.settle(mine->pool);
  for (Slot* slot = mine->first_slot; slot; slot = slot->next_at_endpoint()) {
    slot->cut("the endpoint was deregistered");
  }
}

void Worker::ejected(const Group& group, const Endpoint& endpoint, std::string_view why,
                     Duration length) {
  LOG(warn, "endpoint ejected", {"group", group.name}, {"endpoint", endpoint.address},
      {"reason", why}, {"for", to_string(length)});
  const judge::Fitness fitness = judge::count_fitness(group, reactor_.clock().now());
  group.load->panic.store(judge::panic(fitness, group.options.panic_threshold),
                          std::memory_order_relaxed);
  if (common_.hooks.ejected) common_.hooks.ejected(group.name, endpoint.address);
}

}  // namespace weir::proxy
