#include "proxy/attempt.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/scope.h"
#include "http/h1_call.h"
#include "judge/breaker.h"
#include "proxy/dial.h"
#include "proxy/hedged.h"
#include "proxy/mirror.h"
#include "proxy/relay.h"
#include "proxy/worker.h"
#include "tls/back.h"
#include "tls/metrics.h"

namespace weir::proxy {
namespace {

using Kind = balance::Outcome::Kind;

constexpr int kMostInterim = 100;  // 1xx before an answer; beyond, the endpoint is out of order

// RFC 9110 section 9.2.1.
bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

}  // namespace

Task<Verdict> Attempt::run() {
  http::Exchange& exchange = hop_.exchange;
  WorkerEndpoint& endpoint = slot_.endpoint();
  endpoint.connections.belong_to(hop_.group->group->load);
  endpoint.use_tls(hop_.group->group->tls);
  if (hop_.worker.access_log()) hop_.record.endpoint = endpoint.endpoint->address;
  // A kept connection may be closed just as we write on it, so it takes only what can be repeated.
  net::Owned<net::Stream> stream;
  std::unique_ptr<http::H2Call> shared;  // or else a stream of a connection that others use too
  std::optional<http::H1Call> own;
  std::optional<Connections::Busy> busy;
  bool kept = false;
  if (hop_.options().protocol_version != "HTTP1") {
    const Verdict connected = co_await join(shared, kept);
    if (!shared) co_return connected;
  } else {
    if (!hop_.options().exclusive_connections() && will_be_repeatable(hop_)) {
      stream = endpoint.pool.take();
    }
    kept = stream != nullptr;
    if (!kept && !may_connect()) co_return Verdict::failed;
    busy.emplace(endpoint.connections, endpoint.pool);
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
      co_await call.start(*hop_.request, hop_.forwarded, hop_.held.bytes(),
                          hop_.body_complete && !trailers, within(hop_.timeouts().idle()));
  if (sent == net::Io::ok && trailers) {
    sent = co_await call.finish(*trailers, within(hop_.timeouts().idle()));
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
  int interim = 0;
  bool flooded = false;
  while (listening) {
    Duration patience = hop_.timeouts().response();
    const Duration per_try = hop_.retry().per_try();
    if (per_try > Duration(0)) patience = std::min(patience, per_try);
    const Time now = hop_.worker.reactor().now();
    const Time from = uploading.running() > 0 ? now : sent_;
    const Time look = slot_.next_look(now);
    const Time until = std::min(from + patience, look);
    answer = co_await call.read_head(net::Deadline(until, &gone()));
    if (answer.status == net::Io::timeout && !call.answered() && until == look &&
        (uploading.running() > 0 || !slot_.hung(sent_))) {
      continue;
    }
    if (answer.status == net::Io::timeout && !call.answered() &&
        (uploading.running() > 0 || sent_ > from)) {
      continue;  // its time runs from the end of the request
    }
    if (answer.status != net::Io::ok) break;
    if (answer.head->status >= 200 || answer.head->status == 101) break;
    flooded = ++interim > kMostInterim;
    if (flooded) break;
    if (answer.head->status == 100) continue;  // weir has met the client's expectation itself
    if (!claim()) {
      answer.status = net::Io::cancelled;
      break;
    }
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
  } else if (flooded) {
    slot_.judge(Kind::failure);
    verdict = hop_.fail(502, "the endpoint sent too many interim responses", false);
  } else if (interim == 0 && tries_again(answer.head->status)) {
    slot_.judge(Kind::failure);
    verdict = hop_.fail(502, "the endpoint failed, and so did other attempts", true);
  } else if (!claim()) {
    slot_.judge(Kind::cancelled);
    verdict = Verdict::gone;
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
  const Group& group = *hop_.group->group;
  http::Pool& pool = endpoint.pool;
  if (idle && !group.options.exclusive_connections() &&
      !endpoint.endpoint->load->draining.load(std::memory_order_relaxed) &&
      judge::may_keep(group.options.circuit_breaker, *group.load)) {
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
    if (hop_.special && piece.last) mirror(hop_);
    const http::Fields* trailers = piece.last ? hop_.exchange.trailers() : nullptr;
    const Duration limit = hop_.timeouts().idle();
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
  const bool harmless = !call.answered() && may_be_sent_twice(hop_);
  const bool allowed = harmless && hop_.retry().on_unanswered();
  const bool late = answer.status == net::Io::timeout;
  if (late && hop_.retry().per_try() > Duration(0) &&
      hop_.retry().per_try() < hop_.timeouts().response()) {
    hop_.group->cells->overload.timeout_per_try.add();
  }
  if (call.untouched() && hop_.held.whole()) {
    // Whatever the method: the endpoint has not begun with it. A connection that is going away
    // says nothing about the endpoint.
    slot_.judge(kept ? Kind::cancelled : Kind::failure);
    hop_.fail(502, "the endpoint refused the request", true);
    return kept ? Verdict::stale : Verdict::retry;
  }
  if (kept && harmless && !late) {
    slot_.judge(Kind::cancelled);  // says nothing about the endpoint
    hop_.fail(502, "the endpoint closed the connection without an answer", true);
    return Verdict::stale;
  }
  slot_.judge(Kind::failure);
  if (answer.wrong) return hop_.fail(502, answer.wrong, false);
  if (late) return hop_.fail(504, "the endpoint did not answer in time", allowed);
  return hop_.fail(502, "the endpoint closed the connection without an answer", allowed);
}

bool may_be_sent_twice(const Hop& hop) {
  return hop.held.whole() &&
         (!hop.retry().safe_methods_only() || is_safe(hop.exchange.request().method));
}

bool Attempt::tries_again(std::uint16_t status) {
  const judge::RetryPolicy policy = hop_.retry();
  if (!policy.on_status(status) || number_ >= policy.attempts()) return false;
  if (!may_be_sent_twice(hop_)) return false;
  // Without a share of the budget the client gets this answer, which is better than none.
  reserved_ = share_.take(*hop_.group->group->load, hop_.options());
  return reserved_;
}

bool Attempt::claim() {
  if (!race_) return true;
  if (!race_->claim(lane_, hop_.worker.reactor().now())) return false;
  if (hop_.worker.access_log()) hop_.record.endpoint = slot_.endpoint().endpoint->address;
  return true;
}

net::Interrupt& Attempt::gone() const { return race_ ? race_->stop(lane_) : hop_.exchange.gone(); }

bool will_be_repeatable(const Hop& hop) {
  const http::Framing& framing = hop.exchange.request().framing;
  const bool will_be_held = hop.body_complete || (framing.kind == http::Framing::Kind::length &&
                                                  hop.held.fits(framing.length));
  return will_be_held && may_be_sent_twice(hop);
}

net::Deadline Attempt::within(Duration limit) const {
  return net::Deadline(hop_.worker.reactor().now() + limit, &gone());
}

}  // namespace weir::proxy
