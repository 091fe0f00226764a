#include "simulate/front.h"

#include "admit/slots.h"
#include "base/check.h"
#include "judge/breaker.h"
#include "model/slots.h"

namespace weir::simulate {

Front::Front(const TargetGroup& options, bool scalable, std::uint64_t seed)
    : random_(seed),
      hashes_(options.algorithm.name == "ring_hash" || options.algorithm.name == "maglev"),
      line_(admit::make_line(options.queue)) {
  group_.options = options;
  group_.scalable = scalable;
  group_.load = std::make_shared<GroupLoad>();
  use({});
}

void Front::use(std::vector<EndpointPointer> endpoints) {
  group_.endpoints = std::move(endpoints);
  auto plan = balance::make_plan(group_.options.algorithm, group_.endpoints, group_.plan);
  CHECK(plan);  // the configuration has been checked
  plan_ = *plan;
  group_.plan = plan_;
  balancer_ = plan_->balancer(random_);
}

EndpointPointer Front::choose(const Ask& ask, Time now) {
  const balance::GroupView view(group_, now, {}, random_);
  const auto picked = balancer_->pick(balance::Ask{hashes_ ? ask.key : 0}, view);
  if (!picked) return nullptr;
  const EndpointPointer& endpoint = group_.endpoints[*picked];
  const bool taken =
      admit::take_slot(*endpoint->load, most_in_flight(group_.options, *endpoint->load));
  CHECK(taken);  // nobody else takes any
  count(1, now);
  balancer_->started(*endpoint, now);
  return endpoint;
}

Front::Arrival Front::arrive(const Ask& ask, Time now) {
  GroupLoad& load = *group_.load;
  load.arrivals.fetch_add(1, std::memory_order_relaxed);
  load.last_arrival.store(ns(now), std::memory_order_relaxed);
  const CircuitBreaker& breaker = group_.options.circuit_breaker;
  if (judge::requests_tripped(breaker, load)) return {Answer::tripped, {}, {}};
  if (line_->size() == 0) {
    if (auto endpoint = choose(ask, now)) {
      return {Answer::sent, {ask.request, std::move(endpoint)}, {}};
    }
  }
  if (!group_.scalable && group_.endpoints.empty()) return {Answer::no_endpoint, {}, {}};

  Arrival arrival{Answer::waits, {}, {}};
  const Queue limits = judge::bounded(group_.options.queue, breaker);
  if (admit::may_enter(*line_, 0, limits) != admit::Entry::admitted) {
    const auto displaced = line_->displaced_by(ask.rank);
    if (!displaced) return {Answer::full, {}, {}};
    arrival.displaced = static_cast<std::size_t>(*displaced);
    give_up(*arrival.displaced);
  }
  line_->push({ask.request, 0, ask.rank, now});
  waiting_.emplace(ask.request, ask);
  load.waiting.fetch_add(1, std::memory_order_relaxed);
  return arrival;
}

std::optional<Front::Sent> Front::call_up(Time now) {
  const auto next = line_->front();
  if (!next) return std::nullopt;
  auto endpoint = choose(waiting_.at(static_cast<std::size_t>(*next)), now);
  if (!endpoint) return std::nullopt;
  const auto request = static_cast<std::size_t>(*next);
  give_up(request);
  return Sent{request, std::move(endpoint)};
}

bool Front::give_up(std::size_t request) {
  if (!line_->remove(request)) return false;
  waiting_.erase(request);
  group_.load->waiting.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

void Front::first_byte(const Endpoint& endpoint, Time taken, Time now) {
  balancer_->first_byte(endpoint, now);
  const AdaptiveConcurrency& adaptive = group_.options.adaptive_concurrency;
  if (!adaptive.enabled) return;
  admit::Gradient& gradient = learned_[endpoint.id];
  gradient.answered(adaptive, taken, now - taken,
                    endpoint.load->in_flight.load(std::memory_order_relaxed), now);
  endpoint.load->limit.store(gradient.limit(adaptive), std::memory_order_relaxed);
}

void Front::finished(const Endpoint& endpoint, Time taken, Time now) {
  balancer_->finished(endpoint, {balance::Outcome::Kind::success, now - taken}, now);
  count(-1, now);
  admit::release_slot(*endpoint.load);
}

void Front::count(int change, Time now) {
  slot_seconds_ = slot_seconds(now);
  counted_ = now;
  if (change > 0) {
    group_.load->in_flight.fetch_add(1, std::memory_order_relaxed);
  } else {
    group_.load->in_flight.fetch_sub(1, std::memory_order_relaxed);
  }
}

double Front::slot_seconds(Time now) const {
  const std::uint32_t in_flight = group_.load->in_flight.load(std::memory_order_relaxed);
  return slot_seconds_ + in_flight * seconds(now - counted_);
}

}  // namespace weir::simulate
