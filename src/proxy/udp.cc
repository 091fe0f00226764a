#include "proxy/udp.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/hash.h"
#include "net/transparent.h"
#include "proxy/admission.h"
#include "proxy/introduce.h"
#include "proxy/metrics.h"
#include "proxy/worker.h"

namespace weir::proxy {
namespace {

using Kind = balance::Outcome::Kind;

constexpr int kBatchesPerTurn = 8;     // then others get their turn
constexpr std::size_t kHeldMost = 16;  // datagrams of a flow that waits for an endpoint
constexpr std::size_t kHeldBytes = 64 * 1024;

net::DatagramBatch& thread_batch() {
  thread_local net::DatagramBatch batch;
  return batch;
}

}  // namespace

class Udp::Socket final : public net::Pollable {
 public:
  Socket(Udp& udp, int fd, std::uint16_t port) : udp_(udp), fd_(fd), port_(port) {
    watched_ = udp_.worker().reactor().add(fd_, EPOLLIN, *this);
  }
  ~Socket() override { close(); }
  void on_events(std::uint32_t) override {
    if (watched_) udp_.readable(*this);
  }
  void close() {
    if (std::exchange(watched_, false)) udp_.worker().reactor().remove(fd_);
  }
  bool watched() const { return watched_; }
  int fd() const { return fd_; }
  std::uint16_t port() const { return port_; }

 private:
  Udp& udp_;
  int fd_;
  std::uint16_t port_;
  bool watched_ = false;
};

// Kept by its task and, until it ends, by the table.
struct Udp::Flow : Counted {
  explicit Flow(net::Reactor& reactor) : news(reactor) {}
  // The socket to the endpoint.
  struct Upstream final : net::Pollable {
    Upstream(Udp& u, Flow& f, net::Fd s) : udp(u), flow(f), socket(std::move(s)) {}
    ~Upstream() override = default;
    void on_events(std::uint32_t) override {
      if (socket) udp.from_endpoint(flow);
    }
    void close() {
      if (socket) udp.worker().reactor().remove(socket.get());
      socket.reset();
    }
    Udp& udp;
    Flow& flow;
    net::Fd socket;
  };

  Key key;
  net::Address client;
  net::Local at;  // where the client sends to
  http::Peer who;
  net::Owned<Upstream> upstream;
  std::vector<std::string> held;
  std::size_t held_bytes = 0;
  Time moved{};
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  bool answered = false;
  bool failed = false;   // the endpoint's machine refuses its datagrams
  bool closing = false;  // the listener takes no more
  net::Signal news;      // the first answer has come
  net::Interrupt over;
};

Udp::Udp(Worker& worker, std::shared_ptr<const BoundListener> listener)
    : Layer4(worker, std::move(listener)),
      batch_(thread_batch()),
      datagrams_in_(worker.sheet().counter(metrics::datagrams_total, {name(), "in"})),
      datagrams_out_(worker.sheet().counter(metrics::datagrams_total, {name(), "out"})) {}

Udp::~Udp() = default;

std::size_t Udp::Hash::operator()(const Key& key) const {
  const auto& bytes = key.ip.bytes;
  return hash({reinterpret_cast<const char*>(bytes.data()), bytes.size()},
              static_cast<std::uint64_t>(key.port) << 32 | static_cast<std::uint32_t>(key.fd));
}

void Udp::use_sockets(const std::vector<int>& fds, std::uint16_t port) {
  std::map<int, net::Owned<Socket>> sockets;
  for (const int fd : fds) {
    auto known = sockets_.extract(fd);
    if (known.empty()) {
      net::Reactor& reactor = worker().reactor();
      sockets.emplace(fd, net::Owned<Socket>(new Socket(*this, fd, port), net::Bury(reactor)));
    } else {
      sockets.insert(std::move(known));
    }
  }
  const auto gone = std::exchange(sockets_, std::move(sockets));
  for (auto& [key, flow] : flows_) {
    if (!gone.contains(key.fd)) continue;
    flow->closing = true;
    flow->over.raise();
  }
}

void Udp::close_sockets() { use_sockets({}, 0); }

void Udp::dropped(const char* cause, std::uint64_t count) {
  worker().sheet().counter(metrics::datagrams_dropped_total, {name(), cause}).add(count);
}

// ---------------------------------------------------------------- from clients

void Udp::readable(Socket& socket) {
  for (int i = 0; i < kBatchesPerTurn && socket.watched(); ++i) {
    const int n = batch_.receive(socket.fd(), true);
    if (n <= 0) return;
    datagrams_in_.add(static_cast<std::uint64_t>(n));
    // Those of one client that follow each other go together.
    const auto count = static_cast<std::size_t>(n);
    std::size_t first = 0;
    while (first < count) {
      const net::Address& from = batch_[first].from;
      std::size_t end = first + 1;
      while (end < count && batch_[end].from.length() == from.length() &&
             std::memcmp(batch_[end].from.data(), from.data(), from.length()) == 0) {
        ++end;
      }
      from_client(socket, first, end - first);
      first = end;
    }
    if (count < net::DatagramBatch::kMost) return;
  }
}

Udp::Flow* Udp::flow_of(Socket& socket, const net::Datagram& datagram, const char*& cause) {
  const http::Peer who = http::peer_of(socket.fd(), datagram.from);
  const Key key{who.ip, who.port, socket.fd()};
  if (const auto known = flows_.find(key); known != flows_.end()) return known->second.get();
  cause = "denied";
  if (!admits(who.ip)) return nullptr;
  cause = "no_flow";
  if (flows_.size() >= options().limits.flows || full()) return nullptr;
  auto flow = make_local<Flow>(worker().reactor());
  flow->key = key;
  flow->client = datagram.from;
  flow->at = *datagram.at;
  flow->who = who;
  flow->who.local_port = socket.port();
  flow->moved = worker().reactor().now();
  flows_.emplace(key, flow);
  accepted().add();
  worker().spawn(run(Local<Udp>(this), flow));
  // A flow that could not begin has left the table again.
  const auto begun = flows_.find(key);
  return begun == flows_.end() ? nullptr : begun->second.get();
}

void Udp::from_client(Socket& socket, std::size_t first, std::size_t count) {
  const char* cause = nullptr;
  Flow* flow = flow_of(socket, batch_[first], cause);
  if (!flow) return dropped(cause, count);
  flow->moved = worker().reactor().now();
  if (flow->upstream) return to_endpoint(*flow, first, count);
  for (std::size_t i = first; i < first + count; ++i) {
    const std::string_view bytes = batch_[i].bytes;
    if (flow->held.size() >= kHeldMost || flow->held_bytes + bytes.size() > kHeldBytes) {
      return dropped("waiting", first + count - i);
    }
    flow->held.emplace_back(bytes);
    flow->held_bytes += bytes.size();
  }
}

void Udp::to_endpoint(Flow& flow, std::size_t first, std::size_t count) {
  const int fd = flow.upstream->socket.get();
  const auto sent = static_cast<std::size_t>(batch_.send(fd, first, count));
  for (std::size_t i = first; i < first + sent; ++i) flow.bytes_in += batch_[i].bytes.size();
  if (sent == count) return;
  if (errno == ECONNREFUSED) {  // of an earlier datagram: nobody listens there
    flow.failed = true;
    flow.over.raise();
  }
  dropped("endpoint", count - sent);
}

// ---------------------------------------------------------------- from endpoints

void Udp::from_endpoint(Flow& flow) {
  for (int i = 0; i < kBatchesPerTurn && flow.upstream && !flow.closing; ++i) {
    const int n = batch_.receive(flow.upstream->socket.get(), false);
    if (n < 0 && errno == ECONNREFUSED) {
      flow.failed = true;
      flow.over.raise();
      return;
    }
    if (n <= 0) return;
    flow.moved = worker().reactor().now();
    if (!std::exchange(flow.answered, true)) flow.news.set();
    const auto count = static_cast<std::size_t>(n);
    const auto sent =
        static_cast<std::size_t>(batch_.send(flow.key.fd, 0, count, &flow.client, &flow.at));
    for (std::size_t k = 0; k < sent; ++k) flow.bytes_out += batch_[k].bytes.size();
    datagrams_out_.add(sent);
    if (sent < count) dropped("client", count - sent);
    if (count < net::DatagramBatch::kMost) return;
  }
}

bool Udp::connect(Flow& flow, const net::Address& endpoint, const TargetGroup& options) {
  net::Fd fd;
  const net::Address source = address_of(flow.who.ip, flow.who.port);
  if (options.preserve_client_ip && source.family() == endpoint.family()) {
    auto made = net::transparent_socket(source, SOCK_DGRAM);
    if (!made) return false;
    fd = std::move(*made);
  } else {
    fd = net::Fd(::socket(endpoint.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  }
  if (!fd || ::connect(fd.get(), endpoint.data(), endpoint.length()) != 0) return false;
  net::Reactor& reactor = worker().reactor();
  const int number = fd.get();
  net::Owned<Flow::Upstream> upstream(new Flow::Upstream(*this, flow, std::move(fd)),
                                      net::Bury(reactor));
  if (!reactor.add(number, EPOLLIN, *upstream)) return false;
  flow.upstream = std::move(upstream);
  return true;
}

// ---------------------------------------------------------------- the life of a flow

Task<> Udp::run(Local<Udp> self, Local<Flow> flow) {
  Worker& worker = self->worker();
  const Worker::Breakable breakable(worker, flow->over);
  self->open().fetch_add(1, std::memory_order_relaxed);
  const Time began = worker.reactor().now();
  observe::AccessRecord record;
  record.protocol = "UDP";
  record.action = "forward";
  L4End end = L4End::rejected;
  Target target = self->route(flow->who, net::ClientHello());
  record.group = target.group_name;
  if (!target.group) {
    record.reason = target.group_name.empty() ? "no rule takes it" : "no such target group";
  } else {
    Passage passage(worker, std::move(target.group), flow->over, record, began);
    GroupLoad& load = *passage.group->group->load;
    load.arrivals.fetch_add(1, std::memory_order_relaxed);
    load.last_arrival.store(ns(began), std::memory_order_relaxed);
    Admission admission(passage, target.key);
    Slot slot = admission.take_now();
    if (!slot) slot = co_await admission.wait(flow->held_bytes);
    if (!slot) {
      record.reason = passage.trouble.reason;
    } else {
      record.endpoint = slot.endpoint().endpoint->address;
      record.attempts = 1;
      passage.group->cells->connects.add();
      if (!self->connect(*flow, slot.endpoint().address, passage.options())) flow->failed = true;
      for (const std::string& bytes : flow->held) {
        if (!flow->upstream) break;
        const ssize_t n = ::send(flow->upstream->socket.get(), bytes.data(), bytes.size(),
                                 MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) flow->bytes_in += static_cast<std::uint64_t>(n);
      }
      std::vector<std::string>().swap(flow->held);
      end = L4End::idle;
      while (!flow->failed && !flow->over.raised()) {
        const Duration idle = self->options().limits.udp_idle;
        if (worker.reactor().now() >= flow->moved + idle) break;
        const net::Deadline silent(flow->moved + idle, &flow->over);
        const net::Io woken = co_await flow->news.wait(silent);
        // The latency of a flow is that of its first answer.
        if (woken == net::Io::ok) slot.judge(Kind::success);
      }
      if (flow->failed) {
        end = L4End::endpoint;
        record.reason = "the endpoint refused the datagrams";
      } else if (flow->over.raised()) {
        end = L4End::stopped;
        record.reason = "weir stopped";
      } else {
        end = L4End::proper;  // as a flow ends
      }
      if (!flow->answered) slot.judge(flow->failed ? Kind::failure : Kind::cancelled);
      passage.group->cells->request_bytes.add(flow->bytes_in);
      passage.group->cells->response_bytes.add(flow->bytes_out);
    }
  }
  flow->upstream.reset();
  record.bytes_in = flow->bytes_in;
  record.bytes_out = flow->bytes_out;
  self->ended(record, flow->who, end, began);
  self->open().fetch_sub(1, std::memory_order_relaxed);
  self->flows_.erase(flow->key);
}

}  // namespace weir::proxy
