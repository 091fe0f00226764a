#include "proxy/hedged.h"

#include <algorithm>
#include <memory>

#include "base/scope.h"
#include "proxy/attempt.h"
#include "proxy/worker.h"

namespace weir::proxy {

bool Race::claim(int lane, Time now) {
  if (winner_ >= 0) return winner_ == lane;
  winner_ = lane;
  stop_[1 - lane].raise();
  hedging_.first_byte(now - began_[lane], now);
  // That the first one would have taken longer still is known too; without it, what is learned
  // would only ever be the faster of two.
  if (lane == 1) hedging_.first_byte(now - began_[0], now);
  return true;
}

void Race::cancel() {
  for (net::Interrupt& stop : stop_) stop.raise();
}

namespace {

constexpr Duration kBodyLook = 1ms;  // at least, between two looks whether the body has arrived

// One of the two. Lives as long as both run.
struct Lane {
  Lane(Hop& hop, Slot& s, RetryShare& share, std::uint32_t attempts, Race& race, int i)
      : slot(s), attempt(hop, s, share, attempts, &race, i), index(i) {}
  Slot& slot;
  Attempt attempt;
  int index;
  Verdict verdict = Verdict::failed;
};

Task<> run_lane(Hop& hop, Lane& lane, Race& race, net::Signal& ended) {
  const Verdict verdict = co_await lane.attempt.run();
  lane.verdict = verdict;
  if (race.decided() && !race.won(lane.index)) {
    // Neither is held for as long as the winner streams.
    lane.slot.release();
    hop.held.let_go();
  }
  ended.set();
}

// What both came to; nobody has won. `second` is null where there was none.
Verdict both(const Lane& first, const Lane* second) {
  if (!second) return first.verdict;
  for (const Verdict wanted : {Verdict::gone, Verdict::failed}) {
    if (first.verdict == wanted || second->verdict == wanted) return wanted;
  }
  return Verdict::retry;
}

}  // namespace

judge::Hedging* may_hedge(Hop& hop) {
  const Hedge& options = hop.options().hedge;
  if (!options.enabled) return nullptr;
  if (hop.exchange.request().upgrade || !will_be_repeatable(hop)) return nullptr;
  auto& hedging = hop.group->cells->hedging;
  if (!hedging) hedging = std::make_unique<judge::Hedging>();
  return hedging.get();
}

Task<Tried> hedged(Hop& hop, Admission& admission, Slot& slot, RetryShare& share,
                   judge::Hedging& hedging, std::uint32_t& attempts) {
  net::Reactor& reactor = hop.worker.reactor();
  const Hedge options = hop.options().hedge;
  OverloadCells& cells = hop.group->cells->overload;
  net::Interrupt& gone = hop.exchange.gone();
  hedging.request(options);

  Race race(hedging, reactor.clock().now());
  net::Signal ended(reactor);
  Scope lanes;
  Lane first(hop, slot, share, attempts, race, 0);
  Slot other;
  std::unique_ptr<Lane> second;
  lanes.spawn(run_lane(hop, first, race, ended));
  Time until = kNever;
  if (const auto delay = hedging.delay(options, reactor.now())) until = reactor.now() + *delay;
  while (lanes.running() > 0) {
    const net::Io io = co_await ended.wait(net::Deadline(until, &gone));
    if (io == net::Io::cancelled) break;
    if (io != net::Io::timeout) continue;
    until = kNever;
    if (race.decided()) continue;
    if (!hop.body_complete) {
      until = reactor.now() + std::max(options.min_delay, kBodyLook);
      continue;
    }
    if (!hop.held.whole() || hop.exchange.trailers()) continue;
    if (!hedging.take()) {
      cells.hedges_no_budget.add();
      continue;
    }
    other = admission.take_beside(slot.endpoint().endpoint->id);
    if (!other) {
      hedging.give_back();
      cells.hedges_no_slot.add();
      continue;
    }
    ++attempts;
    race.begin(1, reactor.now());
    second = std::make_unique<Lane>(hop, other, share, attempts, race, 1);
    hop.keep_body = true;  // the loser may still be writing it when the winner is answered
    lanes.spawn(run_lane(hop, *second, race, ended));
  }
  if (lanes.running() > 0) race.cancel();
  co_await lanes.close();

  hop.keep_body = false;
  if (second) {
    (race.won(1) ? cells.hedges_won : race.won(0) ? cells.hedges_lost : cells.hedges_failed).add();
    if (other) admission.exclude(other.endpoint().endpoint->id);
  }
  Verdict verdict = gone.raised() ? Verdict::gone : both(first, second.get());
  if (race.won(0)) verdict = first.verdict;
  if (race.won(1)) verdict = second->verdict;
  const bool connected = first.attempt.connected() || (second && second->attempt.connected());
  const bool reserved = first.attempt.reserved() || (second && second->attempt.reserved());
  Tried tried;
  tried.verdict = verdict;
  tried.connected = connected;
  tried.reserved = reserved;
  co_return tried;
}

}  // namespace weir::proxy
