// The part of an attempt that ends with a connection to the endpoint, or with the reason why there
// is none.
#include <utility>

#include "judge/breaker.h"
#include "proxy/attempt.h"
#include "proxy/dial.h"
#include "proxy/secure.h"
#include "proxy/worker.h"

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
  http::Secured connected{opened.status};
  if (stream && endpoint.tls) {
    const SecureEndpoint secure(hop_.worker.sheet(), hop_.group->group->name, endpoint, "http/1.1");
    connected = co_await secure(*stream, deadline);
  }
  if (connected.status == net::Io::ok) co_return Verdict::done;
  stream.reset();
  co_return not_connected(connected);
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

// Likewise for a stream of a connection of HTTP/2, which may be open already.
Task<Verdict> Attempt::join(std::unique_ptr<http::H2Call>& call, bool& kept) {
  WorkerEndpoint& endpoint = slot_.endpoint();
  const Duration patience = hop_.timeouts().connect();
  http::H2Pool& pool = hop_.worker.h2_pool(endpoint);
  Local<http::H2Client> client = pool.find();
  if (!client) {
    if (!may_connect()) co_return Verdict::failed;
    http::Secure secure;
    if (endpoint.tls) {
      secure = SecureEndpoint(hop_.worker.sheet(), hop_.group->group->name, endpoint, "h2");
    }
    client = pool.open(endpoint.address, patience, std::move(secure));
    hop_.group->cells->connects.add();
  }
  endpoint.connections.share(pool.size());
  kept = !client->connecting();
  auto made = std::make_unique<http::H2Call>(std::move(client), kEndpointHeadLimits);
  if (!kept) {
    Load& load = *endpoint.endpoint->load;
    load.connecting.fetch_add(1, std::memory_order_relaxed);
    const http::Secured opened = co_await made->connected(within(patience));
    load.connecting.fetch_sub(1, std::memory_order_relaxed);
    if (opened.status != net::Io::ok) co_return not_connected(opened);
  }
  call = std::move(made);
  co_return Verdict::done;
}

Verdict Attempt::not_connected(const http::Secured& why) {
  if (why.status == net::Io::cancelled) {
    slot_.judge(Kind::cancelled);
    return Verdict::gone;
  }
  const bool again = hop_.retry().on_connect_failure();
  if (why.status == net::Io::failed && !*why.reason && hop_.worker.out_of_descriptors()) {
    slot_.judge(Kind::cancelled);  // says nothing about the endpoint
    hop_.group->cells->overload.rejected_descriptors.add();
    const Verdict verdict = hop_.fail(503, "out of file descriptors", again);
    hop_.trouble.retry_after = true;
    return verdict;
  }
  slot_.judge(Kind::failure);
  const bool late = why.status == net::Io::timeout;
  const char* reason = late ? "the endpoint did not accept a connection in time"
                            : "the endpoint refused the connection";
  return hop_.fail(late ? 504 : 502, *why.reason ? why.reason : reason, again);
}

}  // namespace weir::proxy
