#include "proxy/attempt.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/scope.h"
#include "http/h1_call.h"
#include "judge/breaker.h"
#include "proxy/hedged.h"
#include "proxy/mirror.h"
#include "proxy/relay.h"
#include "proxy/worker.h"

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
  give_back(own->release(), verdict);
  co_return verdict;
}

// Keeps the connection for another request, if it can carry one.
void Attempt::give_back(net::Owned<net::Stream> idle, Verdict verdict) {
  const Group& group = *hop_.group->group;
  WorkerEndpoint& endpoint = slot_.endpoint();
  if (idle && !group.options.exclusive_connections() &&
      !endpoint.endpoint->load->draining.load(std::memory_order_relaxed) &&
      judge::may_keep(group.options.circuit_breaker, *group.load)) {
    endpoint.pool.put(std::move(idle), hop_.worker.reactor().now(),
                      hop_.options().max_idle_connections);
  } else if (verdict == Verdict::stale) {
    endpoint.pool.clear();  // the others of its age are dead too, as likely as not
  }
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
