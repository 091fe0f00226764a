#include "proxy/slot.h"

#include <algorithm>

#include "admit/slots.h"
#include "judge/hung.h"
#include "judge/outlier.h"
#include "proxy/worker.h"

namespace weir::proxy {

using Kind = balance::Outcome::Kind;

Slot::Slot(Passage& hop, Local<WorkerEndpoint> endpoint, Time taken)
    : hop_(&hop), endpoint_(std::move(endpoint)), taken_(taken) {
  enlist();
  hop.group->group->load->in_flight.fetch_add(1, std::memory_order_relaxed);
  hop.group->balancer->started(*endpoint_->endpoint, taken);
}

Slot& Slot::operator=(Slot&& other) noexcept {
  if (this == &other) return *this;
  leave();
  other.leave();
  std::swap(hop_, other.hop_);
  endpoint_.swap(other.endpoint_);
  std::swap(taken_, other.taken_);
  std::swap(first_, other.first_);
  std::swap(tunnel_, other.tunnel_);
  enlist();
  other.enlist();
  return *this;
}

void Slot::enlist() {
  if (!endpoint_) return;
  next_ = endpoint_->first_slot;
  if (next_) next_->previous_ = this;
  endpoint_->first_slot = this;
}

void Slot::leave() {
  if (!endpoint_) return;
  (previous_ ? previous_->next_ : endpoint_->first_slot) = next_;
  if (next_) next_->previous_ = previous_;
  next_ = previous_ = nullptr;
}

void Slot::first_byte(Time now) {
  first_ = now;
  const Group& group = *hop_->group->group;
  hop_->group->balancer->first_byte(*endpoint_->endpoint, now);
  if (!group.options.outlier.enabled) return;
  judge::note_first_byte(*endpoint_->endpoint->load, *group.load, now - taken_, now);
}

void Slot::progress(Time now) {
  hop_->group->balancer->progress(*endpoint_->endpoint, now);
  if (hop_->options().outlier.enabled) judge::note_byte(*endpoint_->endpoint->load, now);
}

Time Slot::next_look(Time now) const {
  const auto after = hop_->group->group->load->hung_after.load(std::memory_order_relaxed);
  return after == 0 ? kNever : now + std::max<Duration>(Duration(after) / 4, 5ms);
}

// A request that has been moved once is waited for: where it falls silent again, it is more likely
// heavy than the next endpoint hung. Its first byte then teaches what slow is.
bool Slot::hung(Time sent) {
  if (hop_->moved) return false;
  hop_->moved = found_hung(sent);
  return hop_->moved;
}

bool Slot::found_hung(Time sent) {
  const Group& group = *hop_->group->group;
  const Endpoint& endpoint = *endpoint_->endpoint;
  Load& load = *endpoint.load;
  const Time now = hop_->worker.reactor().now();
  const Duration after{group.load->hung_after.load(std::memory_order_relaxed)};
  // Another request may have found it out. With fail open an endpoint is used in spite of it.
  if (load.ejected_until.load(std::memory_order_relaxed) > ns(now)) {
    return load.ejected_for.load(std::memory_order_relaxed) == Ejected::hung &&
           !group.load->panic.load(std::memory_order_relaxed);
  }
  if (!judge::hung(load, after, sent, now)) return false;
  const auto done = judge::eject(load, group.options.outlier, Ejected::hung, now, group.endpoints);
  if (!done) return false;  // the group cannot spare it
  hop_->group->cells->ejected_hung.add();
  hop_->worker.ejected(group, endpoint, judge::phrase_of(Ejected::hung), done.length);
  return true;
}

void Slot::cut(const char* why) {
  hop_->evicted = why;
  hop_->group->cells->deregistered.add();
  hop_->gone.raise();
  if (tunnel_) tunnel_->raise();
}

void Slot::judge(Kind kind) {
  const Time now = hop_->worker.reactor().now();
  const Endpoint& endpoint = *endpoint_->endpoint;
  hop_->group->balancer->finished(endpoint, balance::Outcome{kind, now - taken_}, now);
  if (kind == Kind::cancelled) return;
  const Group& group = *hop_->group->group;
  // What failed fast says nothing about how much the endpoint can take.
  const AdaptiveConcurrency& adaptive = group.options.adaptive_concurrency;
  if (adaptive.enabled && endpoint_->limiter && kind == Kind::success && first_ > taken_) {
    endpoint_->limiter->answered(adaptive, *endpoint.load, taken_, first_ - taken_, now);
  }
  if (group.options.outlier.enabled) {
    endpoint.load->answers.fetch_add(1, std::memory_order_relaxed);
    if (kind == Kind::failure) endpoint.load->errors.fetch_add(1, std::memory_order_relaxed);
  }
  const auto verdict = judge::on_result(*endpoint.load, group.options.outlier,
                                        kind == Kind::failure, now, group.endpoints);
  if (!verdict) return;
  hop_->group->cells->ejected_failures.add();
  hop_->worker.ejected(group, endpoint, judge::phrase_of(Ejected::failures), verdict.length);
}

void Slot::release() {
  if (!endpoint_) return;
  leave();
  const Local<WorkerEndpoint> endpoint = std::move(endpoint_);
  WorkerGroup& group = *hop_->group;
  group.group->load->in_flight.fetch_sub(1, std::memory_order_relaxed);
  admit::release_slot(*endpoint->endpoint->load);
  group.room->slot_released();
  hop_->worker.released(*group.group, *endpoint->endpoint);
}

}  // namespace weir::proxy
