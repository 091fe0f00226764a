#include "proxy/attempt.h"

#include <optional>
#include <utility>

#include "base/scope.h"
#include "http/h1_call.h"
#include "proxy/relay.h"
#include "proxy/worker.h"

namespace weir::proxy {
namespace {

using Kind = balance::Outcome::Kind;

// RFC 9110 section 9.2.1.
bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

}  // namespace

Task<Verdict> Attempt::run() {
  http::Exchange& exchange = hop_.exchange;
  if (hop_.worker.access_log()) hop_.record.endpoint = slot_.endpoint().endpoint->address;
  // A kept connection may be closed just as we write on it, so it takes only what can be repeated.
  net::Owned<net::Stream> stream;
  std::unique_ptr<http::H2Call> shared;  // or else a stream of a connection that others use too
  std::optional<http::H1Call> own;
  bool kept = false;
  if (hop_.options().protocol_version != "HTTP1") {
    const Verdict connected = co_await join(shared, kept);
    if (!shared) co_return connected;
  } else {
    if (will_be_repeatable()) stream = slot_.endpoint().pool.take();
    kept = stream != nullptr;
    if (!kept) {
      const Verdict connected = co_await connect(stream);
      if (!stream) co_return connected;
    }
    own.emplace(std::move(stream), kEndpointHeadLimits);
  }
  connected_ = true;
  http::Call& call = shared ? static_cast<http::Call&>(*shared) : *own;
  const http::Fields* trailers = hop_.body_complete ? exchange.trailers() : nullptr;
  net::Io sent =
      co_await call.start(exchange.request(), hop_.forwarded, hop_.held.bytes(),
                          hop_.body_complete && !trailers, within(hop_.options().timeouts.idle));
  if (sent == net::Io::ok && trailers) {
    sent = co_await call.finish(*trailers, within(hop_.options().timeouts.idle));
  }
  sent_ = hop_.worker.reactor().now();
  if (!hop_.held.whole()) hop_.held.let_go();

  // The rest of the body goes up while we wait for the answer, which may come before its end.
  Scope uploading;
  net::Interrupt stop;
  if (!hop_.body_complete && sent == net::Io::ok) uploading.spawn(upload(call, stop));
  http::Answer answer;
  answer.status = sent;
  // Also after a failed write: the endpoint may have said why before it closed.
  const bool listening = sent != net::Io::cancelled && sent != net::Io::timeout;
  while (listening) {
    const Duration patience = hop_.options().timeouts.response;
    const Time from = uploading.running() > 0 ? hop_.worker.reactor().now() : sent_;
    answer = co_await call.read_head(net::Deadline(from + patience, &exchange.gone()));
    if (answer.status == net::Io::timeout && !call.answered() &&
        (uploading.running() > 0 || sent_ > from)) {
      continue;  // its time runs from the end of the request
    }
    if (answer.status != net::Io::ok) break;
    if (answer.head->status >= 200 || answer.head->status == 101) break;
    if (answer.head->status == 100) continue;  // weir has met the client's expectation itself
    http::Reply reply;
    reply.status = answer.head->status;
    reply.pass = &answer.head->fields;
    const net::Io passed = co_await exchange.interim(reply);
    if (passed != net::Io::ok) {
      answer.status = net::Io::cancelled;
      break;
    }
  }
  Verdict verdict;
  if (answer.status != net::Io::ok) {
    verdict = unanswered(call, answer, kept);
  } else if (answer.head->status == 101) {
    verdict = co_await relay_tunnel(hop_, slot_, call, *answer.head);
  } else {
    verdict = co_await relay(hop_, slot_, call, answer);
  }
  if (uploading.running() > 0) {
    stop.raise();
    co_await uploading.close();
  }
  if (!own) co_return verdict;
  net::Owned<net::Stream> idle = own->release();
  http::Pool& pool = slot_.endpoint().pool;
  if (idle) {
    pool.put(std::move(idle), hop_.worker.reactor().now(), hop_.options().max_idle_connections);
  } else if (verdict == Verdict::stale) {
    pool.clear();  // the others of its age are dead too, as likely as not
  }
  co_return verdict;
}

// Leaves `stream` empty when there is none, and says why.
Task<Verdict> Attempt::connect(net::Owned<net::Stream>& stream) {
  WorkerEndpoint& endpoint = slot_.endpoint();
  Load& load = *endpoint.endpoint->load;
  load.connecting.fetch_add(1, std::memory_order_relaxed);
  const net::Deadline deadline = within(hop_.options().timeouts.connect);
  net::Connected opened = co_await net::connect(hop_.worker.reactor(), endpoint.address, deadline);
  load.connecting.fetch_sub(1, std::memory_order_relaxed);
  hop_.group->cells->connects.add();
  stream = std::move(opened.stream);
  co_return opened.status == net::Io::ok ? Verdict::done : not_connected(opened.status);
}

// Likewise for a stream of a connection of HTTP/2, which may be open already.
Task<Verdict> Attempt::join(std::unique_ptr<http::H2Call>& call, bool& kept) {
  WorkerEndpoint& endpoint = slot_.endpoint();
  const Duration patience = hop_.options().timeouts.connect;
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
  slot_.judge(Kind::failure);
  return why == net::Io::timeout
             ? hop_.fail(504, "the endpoint did not accept a connection in time", true)
             : hop_.fail(502, "the endpoint refused the connection", true);
}

Task<> Attempt::upload(http::Call& call, net::Interrupt& stop) {
  while (!hop_.body_complete) {
    const http::Piece piece = co_await hop_.exchange.read_body(stop);
    if (piece.refuse) {
      hop_.refusal = Trouble{piece.refuse, piece.reason, false};
      hop_.exchange.gone().raise();
      co_return;
    }
    if (piece.status != net::Io::ok) co_return;
    hop_.held.append(piece.bytes);
    hop_.body_complete = piece.last;
    const http::Fields* trailers = piece.last ? hop_.exchange.trailers() : nullptr;
    const Duration limit = hop_.options().timeouts.idle;
    const net::Deadline deadline(hop_.worker.reactor().now() + limit, &stop);
    net::Io sent = co_await call.write(piece.bytes, piece.last && !trailers, deadline);
    if (sent == net::Io::ok && trailers) sent = co_await call.finish(*trailers, deadline);
    if (sent != net::Io::ok) co_return;  // the reader of the answer learns why
    sent_ = hop_.worker.reactor().now();
  }
}

Verdict Attempt::unanswered(const http::Call& call, const http::Answer& answer, bool kept) {
  if (answer.status == net::Io::cancelled) {
    slot_.judge(Kind::cancelled);
    return Verdict::gone;
  }
  const bool allowed = !call.answered() && may_repeat();
  const bool late = answer.status == net::Io::timeout;
  if (call.untouched() && hop_.held.whole()) {
    // Whatever the method: the endpoint has not begun with it. A connection that is going away
    // says nothing about the endpoint.
    slot_.judge(kept ? Kind::cancelled : Kind::failure);
    hop_.fail(502, "the endpoint refused the request", true);
    return kept ? Verdict::stale : Verdict::retry;
  }
  if (kept && allowed && !late) {
    slot_.judge(Kind::cancelled);  // says nothing about the endpoint
    hop_.fail(502, "the endpoint closed the connection without an answer", true);
    return Verdict::stale;
  }
  slot_.judge(Kind::failure);
  if (answer.wrong) return hop_.fail(502, answer.wrong, false);
  if (late) return hop_.fail(504, "the endpoint did not answer in time", allowed);
  return hop_.fail(502, "the endpoint closed the connection without an answer", allowed);
}

bool Attempt::may_repeat() const {
  return hop_.held.whole() &&
         (hop_.options().retry.unanswered == "any" || is_safe(hop_.exchange.request().method));
}

bool Attempt::will_be_repeatable() const {
  const http::Framing& framing = hop_.exchange.request().framing;
  const bool will_be_held = hop_.body_complete || (framing.kind == http::Framing::Kind::length &&
                                                   hop_.held.fits(framing.length));
  return will_be_held && may_repeat();
}

net::Deadline Attempt::within(Duration limit) const {
  return net::Deadline(hop_.worker.reactor().now() + limit, &hop_.exchange.gone());
}

}  // namespace weir::proxy
