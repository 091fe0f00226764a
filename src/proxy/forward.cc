#include "proxy/forward.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/scope.h"
#include "http/grpc.h"
#include "judge/backoff.h"
#include "judge/breaker.h"
#include "proxy/admission.h"
#include "proxy/attempt.h"
#include "proxy/hedged.h"
#include "proxy/mirror.h"
#include "proxy/retry_share.h"
#include "proxy/special.h"
#include "proxy/time_limit.h"
#include "proxy/worker.h"

namespace weir::proxy {
namespace {

constexpr Duration kLook = 1ms;  // at least, between two looks at a budget that is used up

// A kept connection that was closed is made good once even where nothing is to be retried.
bool may_retry(const Hop& hop, Verdict verdict, std::uint32_t attempts) {
  const std::uint32_t most = hop.retry().attempts();
  const Retry& budget = hop.options().retry;
  if (verdict == Verdict::stale) return attempts < std::max(most, 2u);
  return attempts < most && (budget.budget > 0 || budget.budget_floor > 0);
}

// Backs off, then waits for a share of the group's retry budget. When a replica dies, all that was
// on it comes back at once: what exceeds the budget waits its turn instead of being given up, as
// long as a request may wait in line, unless retries fail too (docs/decisions/0006).
Task<Verdict> rest_before_retry(Hop& hop, std::uint32_t attempts, observe::Counter& cause,
                                RetryShare& share) {
  Worker& worker = hop.worker;
  GroupLoad& load = *hop.group->group->load;
  const Resting resting(load);
  const Time patience = worker.reactor().clock().now() + hop.options().queue.timeout;
  Duration least = 0ns;
  while (true) {
    // Read anew each time: the group may have changed.
    const judge::RetryPolicy policy = hop.retry();
    const Duration pause =
        judge::backoff(policy.backoff(), policy.backoff_max(), attempts, worker.random());
    const Time until = worker.reactor().clock().now() + std::max(pause, least);
    net::sleep rest(worker.reactor(), net::Deadline(until, &hop.exchange.gone()));
    const net::Io rested = co_await rest;
    if (rested == net::Io::cancelled) co_return Verdict::gone;
    if (share.take(load, hop.options())) break;
    const bool hopeless = load.failed_retries.load(std::memory_order_relaxed) != 0;
    // Unlike the budget, the circuit breaker lets nobody wait.
    if (judge::retries_tripped(hop.options().circuit_breaker, load)) {
      hop.group->cells->tripped_retries.add();
      co_return Verdict::failed;
    }
    if (hopeless || until > patience) co_return Verdict::failed;
    least = kLook;
  }
  cause.add();
  co_return Verdict::retry;
}

// What it holds while it waits.
std::uint64_t size_of(const Hop& hop) {
  return hop.exchange.request().fields.raw.size() + hop.held.bytes().size();
}

// Its priority class in line.
std::uint32_t rank_of(const Hop& hop) {
  const Queue& queue = hop.options().queue;
  if (queue.classes.empty()) return 0;
  if (hop.route && !hop.route->queue_class.empty()) {
    return admit::rank_of(queue, hop.route->queue_class);
  }
  if (!queue.class_header.empty()) {
    for (const HeaderView& field : hop.exchange.request().fields.list) {
      if (equal_ignoring_case(field.name, queue.class_header)) {
        return admit::rank_of(queue, field.value);
      }
    }
  }
  return admit::rank_of(queue, "");
}

// The time is over that the client of a gRPC call gave it.
Task<> expire(Hop& hop, Time at, net::Interrupt& settled) {
  const net::Deadline deadline(at, &settled);
  const net::Io slept = co_await net::sleep(hop.worker.reactor(), deadline);
  if (slept != net::Io::timeout) co_return;
  hop.refusal = Trouble{504, "the deadline of the call has passed", false, "4"};
  hop.exchange.gone().raise();
}

Task<> answer_trouble(Hop& hop) {
  const Trouble& trouble = hop.trouble;
  hop.record.reason = trouble.reason;
  const std::string body = std::string(trouble.reason) + "\n";
  HeaderView fields[2];
  std::size_t count = 0;
  if (trouble.retry_after) fields[count++] = HeaderView{"Retry-After", "1"};
  if (trouble.grpc_status) fields[count++] = HeaderView{"grpc-status", trouble.grpc_status};
  const std::span<const HeaderView> add(fields, count);
  if (hop.special) {
    const OwnAnswer answer(hop.special->extras, hop.special->request, add);
    co_await hop.exchange.respond(trouble.status, "text/plain", body, answer.lines());
    co_return;
  }
  co_await hop.exchange.respond(trouble.status, "text/plain", body, add);
}

Task<> settle(Hop& hop, Verdict verdict) {
  if (hop.refusal.status != 0) {
    hop.record.reason = hop.refusal.reason;
    hop.trouble = hop.refusal;
    if (hop.exchange.status() == 0) verdict = Verdict::failed;
  }
  if (verdict == Verdict::gone && hop.evicted && hop.exchange.status() == 0) {
    hop.trouble = Trouble{503, hop.evicted, true};
    verdict = Verdict::failed;
  }
  if (verdict == Verdict::gone) {
    hop.group->cells->cancelled.add();
    hop.record.cut = true;
    hop.record.reason = "client gone";
    hop.exchange.abort();
  } else if (verdict != Verdict::done) {
    co_await answer_trouble(hop);
  }
}

}  // namespace

Hop::Hop(Worker& w, http::Exchange& e, Local<WorkerGroup> g, const http::Forwarded& f,
         observe::AccessRecord& r, Time now, const Rule* rule)
    : Passage(w, std::move(g), e.gone(), r, now),
      exchange(e),
      route(rule),
      request(&e.request()),
      forwarded(f),
      held(w.body_budget(), retry().body()) {}

Task<> forward(Hop& hop, std::uint64_t key) {
  GroupLoad& load = *hop.group->group->load;
  load.arrivals.fetch_add(1, std::memory_order_relaxed);
  load.last_arrival.store(ns(hop.began), std::memory_order_relaxed);

  Scope clock;
  net::Interrupt settled;
  if (hop.exchange.request().fields.h2) {
    const auto limit = http::grpc_timeout(hop.exchange.request().fields);
    if (limit) clock.spawn(expire(hop, hop.began + *limit, settled));
  }
  hop.body_complete = hop.exchange.request().framing.kind == http::Framing::Kind::none;
  if (!hop.body_complete) {
    // What came with the head; suspends nothing.
    const http::Piece first = co_await hop.exchange.read_body(hop.exchange.gone());
    if (first.refuse) hop.refusal = Trouble{first.refuse, first.reason, false};
    const http::Framing& framing = hop.exchange.request().framing;
    if (!first.last && framing.kind == http::Framing::Kind::length) {
      hop.held.expect(framing.length);
    }
    hop.held.append(first.bytes);
    hop.body_complete = first.last;
  }

  if (hop.special && hop.body_complete) mirror(hop);

  const auto limit = TimeLimit::wanted(hop) ? std::make_unique<TimeLimit>(hop) : nullptr;
  Admission admission(hop, key);
  RetryShare share;
  Verdict verdict = hop.refusal.status != 0 ? Verdict::failed : Verdict::retry;
  std::uint32_t attempts = 0;
  while (verdict == Verdict::retry) {
    Slot slot = admission.take_now();
    if (!slot && !hop.once) slot = co_await admission.wait(size_of(hop), rank_of(hop));
    if (!slot) {
      verdict = hop.exchange.gone().raised() ? Verdict::gone : Verdict::failed;
      break;
    }
    ++attempts;
    const bool second = share.taken();
    Tried tried;
    judge::Hedging* const hedging = attempts == 1 ? may_hedge(hop) : nullptr;
    if (hedging) {
      tried = co_await hedged(hop, admission, slot, share, *hedging, attempts);
    } else {
      Attempt attempt(hop, slot, share, attempts);
      tried.verdict = co_await attempt.run();
      tried.connected = attempt.connected();
      tried.reserved = attempt.reserved();
    }
    verdict = tried.verdict;
    if (second && verdict != Verdict::gone) {
      load.failed_retries.store(verdict == Verdict::retry, std::memory_order_relaxed);
    }
    if (!tried.reserved) share.give_back();
    if (verdict != Verdict::retry && verdict != Verdict::stale) break;
    if (hop.once && verdict != Verdict::stale) break;
    if (!may_retry(hop, verdict, attempts)) break;
    admission.exclude(slot.endpoint().endpoint->id);
    slot.release();
    if (verdict == Verdict::stale) {
      verdict = Verdict::retry;  // at once, and without cost
    } else {
      GroupCells& cells = *hop.group->cells;
      observe::Counter& cause = tried.reserved    ? cells.overload.retries_status
                                : tried.connected ? cells.retries_unanswered
                                                  : cells.retries_connect;
      verdict = co_await rest_before_retry(hop, attempts, cause, share);
    }
  }
  share.give_back();
  if (clock.running() > 0) {
    settled.raise();
    co_await clock.close();
  }
  hop.record.attempts = attempts;
  if (verdict != Verdict::done || hop.refusal.status != 0) co_await settle(hop, verdict);

  hop.record.total = hop.worker.reactor().clock().now() - hop.began;
  GroupCells& cells = *hop.group->cells;
  cells.request_seconds.add(hop.record.total);
  cells.request_bytes.add(hop.exchange.bytes_in());
  cells.response_bytes.add(hop.exchange.bytes_out());
}

}  // namespace weir::proxy
