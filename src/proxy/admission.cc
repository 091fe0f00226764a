#include "proxy/admission.h"

#include <algorithm>

#include "admit/slots.h"
#include "judge/breaker.h"
#include "model/slots.h"
#include "proxy/metrics.h"
#include "proxy/special.h"
#include "proxy/worker.h"

namespace weir::proxy {
namespace {

constexpr int kPicks = 16;  // whoever loses a slot to another worker picks again

void count_class(const Passage& hop, const std::string& name) {
  hop.worker.sheet().counter(metrics::queued_total, {hop.group->group->name, name}).add();
}

}  // namespace

Slot Admission::take_now() {
  if (tripped()) return {};
  // Sequentially consistent: whoever waits by now is not overtaken (room.h).
  if (hop_.group->group->load->waiting.load(std::memory_order_seq_cst) > 0) return {};
  return choose();
}

Slot Admission::take_beside(EndpointId busy) {
  if (hop_.group->group->load->waiting.load(std::memory_order_seq_cst) > 0) return {};
  std::array<EndpointId, std::tuple_size_v<decltype(tried_)> + 1> others{busy};
  const std::size_t count = std::min<std::size_t>(tried_count_, tried_.size());
  std::copy_n(tried_.begin(), count, others.begin() + 1);
  return choose_among({others.data(), count + 1});
}

Task<Slot> Admission::wait(std::uint64_t bytes, std::uint32_t rank) {
  if (tripped_ || hopeless(true)) co_return Slot();
  const Time since = hop_.worker.reactor().now();
  Room::Place place(*hop_.group->room, hop_.worker.reactor());
  const CircuitBreaker breaker = hop_.options().circuit_breaker;
  const Queue queue = judge::bounded(hop_.options().queue, breaker);
  if (place.enter(bytes, queue, rank, since) != admit::Entry::admitted) {
    const bool by_breaker = judge::bounds_line(breaker, hop_.options().queue);
    hop_.trouble =
        Trouble{503,
                by_breaker ? "circuit breaker: too many requests of the target group wait"
                           : "the waiting room is full",
                true};
    hop_.group->cells->rejected_full.add();
    if (by_breaker) hop_.group->cells->tripped_pending.add();
    co_return Slot();
  }
  if (!queue.classes.empty()) count_class(hop_, queue.classes[rank]);
  if (place.opened_line()) hop_.worker.queue_started(*hop_.group->group);
  const net::Deadline deadline(since + hop_.options().queue.timeout, &hop_.gone);
  Slot slot;
  while (!slot) {
    const net::Io turn = co_await place.turn(deadline);
    // The group may have changed meanwhile, or be gone.
    const bool exists = hop_.worker.refresh(hop_.group);
    if (turn == net::Io::ok && place.displaced()) {
      hop_.trouble = Trouble{503, "displaced in line by a more important request", true};
      hop_.group->cells->overload.rejected_displaced.add();
      break;
    }
    if (turn == net::Io::ok) {
      slot = choose();
      if (!slot && hopeless(exists)) break;
    } else {
      if (turn == net::Io::timeout) {
        hop_.trouble = Trouble{503, "no capacity within the time allowed", true};
        hop_.group->cells->rejected_timeout.add();
      }
      break;
    }
  }
  const Duration waited = hop_.worker.reactor().clock().now() - since;
  hop_.record.waited += waited;
  hop_.group->cells->wait_seconds.add(waited);
  co_return slot;
}

bool Admission::tripped() {
  const Group& group = *hop_.group->group;
  tripped_ = judge::requests_tripped(group.options.circuit_breaker, *group.load);
  if (!tripped_) return false;
  hop_.trouble = Trouble{503, "circuit breaker: too many requests in the target group", true};
  hop_.group->cells->tripped_requests.add();
  return true;
}

bool Admission::hopeless(bool exists) const {
  const Group& group = *hop_.group->group;
  if (exists && (group.scalable || !group.endpoints.empty())) return false;
  hop_.trouble = Trouble{503, "no endpoint in the target group", true};
  hop_.group->cells->rejected_none.add();
  return true;
}

void Admission::exclude(EndpointId endpoint) {
  tried_[tried_count_ % tried_.size()] = endpoint;
  ++tried_count_;
}

Slot Admission::choose() {
  const std::size_t count = std::min<std::size_t>(tried_count_, tried_.size());
  const std::span<const EndpointId> tried(tried_.data(), count);
  Slot slot = choose_among(tried);
  // A busy one that was not tried is waited for.
  if (!slot && count > 0 && !another_exists()) slot = choose_among({});
  return slot;
}

Slot Admission::choose_among(std::span<const EndpointId> tried) {
  const Group& group = *hop_.group->group;
  const Time now = hop_.worker.reactor().now();
  const balance::GroupView view(group, now, tried, hop_.worker.random());
  for (int i = 0; i < kPicks; ++i) {
    auto picked = hop_.special ? sticky_choice(hop_, view, tried) : std::nullopt;
    if (!picked) picked = hop_.group->balancer->pick(ask_, view);
    if (!picked) return {};
    const auto& endpoint = group.endpoints[*picked];
    if (!admit::take_slot(*endpoint->load, most_in_flight(group.options, *endpoint->load)))
      continue;
    return Slot(hop_, hop_.worker.endpoint(endpoint, group.options.adaptive_concurrency.enabled),
                now);
  }
  return {};
}

bool Admission::another_exists() const {
  const Group& group = *hop_.group->group;
  const balance::GroupView view(group, hop_.worker.reactor().now(), {}, hop_.worker.random());
  const auto end = tried_.begin() + std::min<std::size_t>(tried_count_, tried_.size());
  for (balance::EndpointIndex i = 0; i < view.size(); ++i) {
    if (view.available(i) && std::find(tried_.begin(), end, view.endpoint(i).id) == end) {
      return true;
    }
  }
  return false;
}

}  // namespace weir::proxy
