// One connection of layer 4: who it is, where it goes, an endpoint that takes it, then bytes both
// ways until it ends.
#include <utility>

#include "judge/backoff.h"
#include "proxy/admission.h"
#include "proxy/dial.h"
#include "proxy/introduce.h"
#include "proxy/layer4.h"
#include "proxy/secure.h"
#include "proxy/tunnel.h"
#include "proxy/worker.h"

namespace weir::proxy {
namespace {

using Kind = balance::Outcome::Kind;

// A fatal TLS alert, unrecognized_name (RFC 6066): the client's message says what is wrong.
constexpr std::string_view kUnknownName("\x15\x03\x03\x00\x02\x02\x70", 7);

// Counted as open while it lives.
class Open {
 public:
  explicit Open(Layer4& service) : count_(service.open()) {
    count_.fetch_add(1, std::memory_order_relaxed);
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;
  ~Open() { count_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint32_t>& count_;
};

struct Reached {
  Reached() = default;
  Reached(Slot s, net::Owned<net::Stream> t) : slot(std::move(s)), stream(std::move(t)) {}
  Slot slot;
  net::Owned<net::Stream> stream;  // null: none; Passage::trouble or Passage::gone says why
};

// An endpoint that accepts the connection: as long as nothing was sent, another may be asked. For
// the balancer and the passive checks the attempt ends here; its latency is that of connecting.
Task<Reached> reach(Passage& passage, std::uint64_t key, const http::Peer& who) {
  Worker& worker = passage.worker;
  Admission admission(passage, key);
  for (std::uint32_t attempt = 1;; ++attempt) {
    Slot slot = admission.take_now();
    if (!slot) slot = co_await admission.wait(0);
    if (!slot) co_return Reached();
    WorkerEndpoint& endpoint = slot.endpoint();
    endpoint.use_tls(passage.group->group->tls);
    passage.record.endpoint = endpoint.endpoint->address;
    passage.record.attempts = attempt;
    Load& load = *endpoint.endpoint->load;
    load.connecting.fetch_add(1, std::memory_order_relaxed);
    const net::Deadline deadline(
        worker.reactor().clock().now() + passage.options().timeouts.connect, &passage.gone);
    net::Connected opened =
        co_await dial(worker.reactor(), endpoint.address, passage.options(), who, deadline);
    http::Secured connected{opened.status};
    if (opened.stream && endpoint.tls) {
      const SecureEndpoint secure(worker.sheet(), passage.group->group->name, endpoint, "");
      connected = co_await secure(*opened.stream, deadline);
    }
    load.connecting.fetch_sub(1, std::memory_order_relaxed);
    passage.group->cells->connects.add();
    if (connected.status == net::Io::ok) {
      slot.judge(Kind::success);
      co_return Reached(std::move(slot), std::move(opened.stream));
    }
    if (connected.status == net::Io::cancelled) {
      slot.judge(Kind::cancelled);
      co_return Reached();
    }
    slot.judge(Kind::failure);
    passage.trouble.reason = *connected.reason ? connected.reason
                             : connected.status == net::Io::timeout
                                 ? "the endpoint did not accept a connection in time"
                                 : "the endpoint refused the connection";
    if (attempt >= passage.options().retry.attempts) co_return Reached();
    passage.group->cells->retries_connect.add();
    admission.exclude(endpoint.endpoint->id);
    slot.release();
    const Retry& options = passage.options().retry;
    const Duration pause =
        judge::backoff(options.backoff, options.backoff_max, attempt, worker.random());
    net::sleep rest(worker.reactor(),
                    net::Deadline(worker.reactor().clock().now() + pause, &passage.gone));
    const net::Io rested = co_await rest;
    if (rested == net::Io::cancelled) co_return Reached();
  }
}

L4End end_of(Tunnelled::End end) {
  switch (end) {
    case Tunnelled::End::proper:
      return L4End::proper;
    case Tunnelled::End::a_broke:
      return L4End::client;
    case Tunnelled::End::b_broke:
      return L4End::endpoint;
    case Tunnelled::End::idle:
      return L4End::idle;
    case Tunnelled::End::stopped:
      break;
  }
  return L4End::stopped;
}

const char* reason_of(L4End end) {
  switch (end) {
    case L4End::idle:
      return "nothing moved for too long";
    case L4End::client:
      return "the client broke off";
    case L4End::endpoint:
      return "the endpoint broke off";
    case L4End::stopped:
      return "weir stopped";
    default:
      return "";
  }
}

// From the choice of an endpoint to the end.
Task<L4End> carry(Passage& passage, std::uint64_t key, const http::Peer& who, net::Stream& client,
                  Duration idle) {
  GroupLoad& load = *passage.group->group->load;
  load.arrivals.fetch_add(1, std::memory_order_relaxed);
  load.last_arrival.store(ns(passage.began), std::memory_order_relaxed);
  client.watch_hangup(&passage.gone, false);
  Reached reached = co_await reach(passage, key, who);
  client.watch_hangup(nullptr, false);
  if (!reached.stream) {
    const bool gone = passage.gone.raised();
    if (gone) passage.group->cells->cancelled.add();
    passage.record.reason = gone ? "client gone" : passage.trouble.reason;
    client.abort();
    co_return gone ? L4End::client : L4End::rejected;
  }
  std::string from_client, from_endpoint;
  const Tunnelled done = co_await tunnel(client, std::move(from_client), *reached.stream,
                                         std::move(from_endpoint), idle, passage.gone);
  passage.record.bytes_in = done.from_a;
  passage.record.bytes_out = done.from_b;
  passage.group->cells->request_bytes.add(done.from_a);
  passage.group->cells->response_bytes.add(done.from_b);
  const L4End end = end_of(done.end);
  if (end != L4End::proper) {
    // Both must be able to tell it from a proper end.
    client.abort();
    reached.stream->abort();
    passage.record.reason = passage.evicted ? passage.evicted : reason_of(end);
  }
  co_return end;
}

}  // namespace

Task<> serve_connection(Local<Layer4> service, net::Fd fd, http::Peer who) {
  Worker& worker = service->worker();
  net::Reactor& reactor = worker.reactor();
  const Open open(*service);
  service->accepted().add();
  const Time began = reactor.now();
  net::Interrupt gone;
  const Worker::Breakable breakable(worker, gone);
  const bool named = service->options().protocol == "tls_passthrough";
  const std::shared_ptr<const TlsBase> ending = service->tls();  // weir ends it
  observe::AccessRecord record;
  record.protocol = named || ending ? "TLS" : "TCP";
  record.action = "refused";

  const net::Deadline introduction(began + service->options().limits.header_time, &gone);
  net::ClientHello hello;
  if (service->options().proxy_protocol) {
    const char* wrong = co_await take_proxy_header(reactor, fd.get(), who, introduction);
    if (wrong) record.reason = wrong;
  }
  if (record.reason.empty() && !service->admits(who.ip)) {
    record.reason = "the access list of the listener";
  }
  if (record.reason.empty() && named) {
    hello = co_await peek_client_hello(reactor, fd.get(), introduction);
    if (hello.kind != net::ClientHello::Kind::done) record.reason = hello.reason;
    record.host = hello.server_name;
    if (!hello.alpn.empty()) record.alpn = hello.alpn.front();
  }
  net::Owned<net::Stream> client = net::Stream::adopt(reactor, std::move(fd));
  if (client && ending && record.reason.empty()) {
    const auto& front = static_cast<const tls::Front&>(*ending);
    const std::string_view wrong =
        co_await secure_client(worker.sheet(), service->name(), front, *client, introduction);
    if (!wrong.empty()) record.reason = "the TLS handshake failed";
    if (const auto* codec = static_cast<const tls::Codec*>(client->codec())) {
      hello.server_name = codec->server_name();
      record.host = hello.server_name;
      record.alpn = codec->protocol();
    }
  }
  if (!client || !record.reason.empty()) {
    if (client) client->abort();
    service->ended(record, who, L4End::refused, began);
    co_return;
  }
  Layer4::Target target = service->route(who, hello);
  record.group = target.group_name;
  if (!target.group) {
    record.reason = target.group_name.empty() ? "no rule takes it" : "no such target group";
    if (named) {
      const net::Deadline soon(reactor.now() + service->options().limits.header_time, &gone);
      co_await client->write(kUnknownName, soon);
      client->close();
    } else {
      client->abort();
    }
    service->ended(record, who, L4End::rejected, began);
    co_return;
  }
  record.action = "forward";
  if (target.group->group->options.proxy_protocol != "off") note_local_ip(who, client->fd());
  const Duration idle = service->options().limits.tcp_idle;
  Passage passage(worker, std::move(target.group), gone, record, began);
  const L4End end = co_await carry(passage, target.key, who, *client, idle);
  service->ended(record, who, end, began);
}

}  // namespace weir::proxy
