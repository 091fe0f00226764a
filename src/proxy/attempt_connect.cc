// The part of an attempt that ends with a connection to the endpoint, or with the reason why there
// is none.
#include <utility>

#include "judge/breaker.h"
#include "proxy/attempt.h"
#include "proxy/dial.h"
#include "proxy/worker.h"
#include "tls/back.h"
#include "tls/metrics.h"

namespace weir::proxy {

using Kind = balance::Outcome::Kind;

// Leaves `stream` empty when there is none, and says why.
Task<Verdict> Attempt::connect(net::Owned<net::Stream>& stream) {
  WorkerEndpoint& endpoint = slot_.endpoint();
  Load& load = *endpoint.endpoint->load;
  load.connecting.fetch_add(1, std::memory_order_relaxed);
  const net::Deadline deadline = within(hop_.timeouts().connect());
  net::Connected opened;
  if (hop_.options().exclusive_connections()) {
    opened = co_await dial(hop_.worker.reactor(), endpoint.address, hop_.options(),
                           hop_.exchange.peer(), deadline);
  } else {
    opened = co_await net::connect(hop_.worker.reactor(), endpoint.address, deadline);
  }
  load.connecting.fetch_sub(1, std::memory_order_relaxed);
  hop_.group->cells->connects.add();
  stream = std::move(opened.stream);
  if (opened.status == net::Io::ok) {
    if (!endpoint.tls) co_return Verdict::done;
    const Verdict secured = co_await secure(*stream, deadline);
    if (secured != Verdict::done) stream.reset();
    co_return secured;
  }
  co_return not_connected(opened.status);
}

bool Attempt::may_connect() {
  const Group& group = *hop_.group->group;
  if (judge::may_keep(group.options.circuit_breaker, *group.load) &&
      !judge::connections_tripped(group.options.circuit_breaker, *group.load)) {
    return true;
  }
  // Rather than refuse: what this worker keeps unused.
  hop_.worker.close_idle(group);
  if (!judge::connections_tripped(group.options.circuit_breaker, *group.load)) return true;
  hop_.group->cells->tripped_connections.add();
  slot_.judge(Kind::cancelled);
  hop_.trouble = Trouble{503, "circuit breaker: the target group has all its connections", true};
  return false;
}

Task<Verdict> Attempt::secure(net::Stream& stream, net::Deadline deadline) {
  WorkerEndpoint& endpoint = slot_.endpoint();
  const auto& back = static_cast<const tls::Back&>(*endpoint.tls);
  const std::string group = hop_.group->group->name;
  auto made = back.codec(stream, *endpoint.endpoint, endpoint.last_session);
  if (!made) co_return hop_.fail(502, "no memory for TLS with the endpoint", true);
  const tls::Codec& codec = *made;
  stream.set_codec(std::move(made));
  const net::Read shaken = co_await stream.ready(deadline);
  if (shaken.status == net::Io::cancelled) {
    slot_.judge(Kind::cancelled);
    co_return Verdict::gone;
  }
  observe::Sheet& sheet = hop_.worker.sheet();
  if (shaken.status == net::Io::ok) {
    sheet
        .counter(tls::metrics::endpoint_handshakes_total,
                 {group, codec.resumed() ? "resumed" : "full"})
        .add();
    co_return Verdict::done;
  }
  const bool late = shaken.status == net::Io::timeout;
  const std::string reason(late ? "timeout" : to_string(codec.trouble()));
  sheet.counter(tls::metrics::endpoint_handshakes_total, {group, "failed"}).add();
  sheet.counter(tls::metrics::endpoint_handshake_failures_total, {group, reason}).add();
  slot_.judge(Kind::failure);
  co_return late ? hop_.fail(504, "the endpoint did not end its TLS handshake in time", true)
                 : hop_.fail(502, tls::endpoint_reason(codec.trouble()), true);
}

// Likewise for a stream of a connection of HTTP/2, which may be open already.
Task<Verdict> Attempt::join(std::unique_ptr<http::H2Call>& call, bool& kept) {
  WorkerEndpoint& endpoint = slot_.endpoint();
  const Duration patience = hop_.timeouts().connect();
  bool fresh = false;
  auto client = hop_.worker.h2_pool(endpoint).take(endpoint.address, patience, fresh);
  if (fresh) hop_.group->cells->connects.add();
  kept = !client->connecting();
  auto made = std::make_unique<http::H2Call>(std::move(client), kEndpointHeadLimits);
  if (!kept) {
    Load& load = *endpoint.endpoint->load;
    load.connecting.fetch_add(1, std::memory_order_relaxed);
    const net::Io opened = co_await made->connected(within(patience));
    load.connecting.fetch_sub(1, std::memory_order_relaxed);
    if (opened != net::Io::ok) co_return not_connected(opened);
  }
  call = std::move(made);
  co_return Verdict::done;
}

Verdict Attempt::not_connected(net::Io why) {
  if (why == net::Io::cancelled) {
    slot_.judge(Kind::cancelled);
    return Verdict::gone;
  }
  const bool again = hop_.retry().on_connect_failure();
  if (why == net::Io::failed && hop_.worker.out_of_descriptors()) {
    slot_.judge(Kind::cancelled);  // says nothing about the endpoint
    hop_.group->cells->overload.rejected_descriptors.add();
    const Verdict verdict = hop_.fail(503, "out of file descriptors", again);
    hop_.trouble.retry_after = true;
    return verdict;
  }
  slot_.judge(Kind::failure);
  return why == net::Io::timeout
             ? hop_.fail(504, "the endpoint did not accept a connection in time", again)
             : hop_.fail(502, "the endpoint refused the connection", again);
}

}  // namespace weir::proxy
