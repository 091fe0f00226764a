#include "proxy/slot.h"

#include "admit/slots.h"
#include "judge/outlier.h"
#include "proxy/worker.h"

namespace weir::proxy {

using Kind = balance::Outcome::Kind;

Slot::Slot(Passage& hop, Local<WorkerEndpoint> endpoint, Time taken)
    : hop_(&hop), endpoint_(std::move(endpoint)), taken_(taken) {
  hop.group->group->load->in_flight.fetch_add(1, std::memory_order_relaxed);
  hop.group->balancer->started(*endpoint_->endpoint, taken);
}

void Slot::judge(Kind kind) {
  const Time now = hop_->worker.reactor().now();
  const Endpoint& endpoint = *endpoint_->endpoint;
  hop_->group->balancer->finished(endpoint, balance::Outcome{kind, now - taken_}, now);
  if (kind == Kind::cancelled) return;
  const Group& group = *hop_->group->group;
  // What failed fast says nothing about how much the endpoint can take.
  if (endpoint_->limiter && kind == Kind::success && first_ > taken_) {
    endpoint_->limiter->answered(group.options.adaptive_concurrency, *endpoint.load, taken_,
                                 first_ - taken_, now);
  }
  const auto verdict = judge::on_result(*endpoint.load, group.options.outlier,
                                        kind == Kind::failure, now, group.endpoints);
  if (!verdict) return;
  hop_->group->cells->ejections.add();
  hop_->worker.ejected(group, endpoint, verdict.failures, verdict.length);
}

void Slot::release() {
  if (!endpoint_) return;
  const Local<WorkerEndpoint> endpoint = std::move(endpoint_);
  WorkerGroup& group = *hop_->group;
  group.group->load->in_flight.fetch_sub(1, std::memory_order_relaxed);
  admit::release_slot(*endpoint->endpoint->load);
  group.room->slot_released();
  hop_->worker.released(*group.group, *endpoint->endpoint);
}

}  // namespace weir::proxy
