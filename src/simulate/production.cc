#include "simulate/production.h"

#include <cmath>

#include "scale/sample.h"

namespace weir::simulate {
namespace {

// As ManualClock: `now - something` stays positive.
Time time_of(double at) { return Time(1h) + from_seconds(at); }

std::uint32_t whole(double requests) { return static_cast<std::uint32_t>(std::lround(requests)); }

}  // namespace

Production::Production(std::unique_ptr<scale::Policy> policy, Profile* forecast)
    : policy_(std::move(policy)), forecast_(forecast) {
  facts_.outlook = forecast;
  facts_.name = "simulated";
}

std::optional<std::uint32_t> Production::decide(const View& view) {
  fill(view);
  const Time now = time_of(view.at + kStepSeconds - 1);
  const scale::Decision decision = policy_->decide(facts_, series_, now);
  if (decision.for_the_line) facts_.last_line = now;
  if (!decision.desired || *decision.desired == facts_.desired) return std::nullopt;
  if (*decision.desired < facts_.desired && (facts_.waiting > 0 || view.total > view.ready)) {
    return std::nullopt;
  }
  facts_.last_change = now;
  return decision.desired;
}

// The step's five seconds, one by one; within it all is even.
void Production::fill(const View& view) {
  instances(view);
  if (forecast_) forecast_->advance(view.at);
  facts_.desired = view.total;
  facts_.warm = view.ready;
  facts_.slots = kSlots;
  facts_.waiting = whole(view.queue);
  facts_.in_flight = whole(view.served / kStepSeconds * kServiceSeconds);
  for (std::size_t s = 0; s < kStepSeconds; ++s) {
    const Time second = time_of(view.at + static_cast<double>(s));
    const double each = view.arrivals / kStepSeconds;
    arrivals_ += each;
    facts_.arrivals = static_cast<std::uint64_t>(arrivals_);
    if (facts_.waiting == 0) {
      facts_.waiting_since.reset();
    } else if (!facts_.waiting_since) {
      facts_.waiting_since = second;
    }
    scale::sample(series_, facts_, Duration(0), second);
    series_.add_latency(second, kServiceSeconds + view.delay, whole(each));
  }
}

void Production::instances(const View& view) {
  const Time now = time_of(view.at);
  auto& all = facts_.instances;
  if (all.size() > view.total) all.resize(view.total);
  while (all.size() < view.total) {
    scale::InstanceFacts fresh;
    fresh.launched = fresh.state_since = now - std::chrono::seconds(kStepSeconds);
    fresh.started = fresh.launched;
    fresh.adopted = first_;  // there from the begin: how long it took is not known
    all.push_back(std::move(fresh));
  }
  first_ = false;
  for (std::size_t i = 0; i < view.ready; ++i) {
    if (all[i].state == scale::Lifecycle::in_service) continue;
    all[i].state = scale::Lifecycle::in_service;
    all[i].state_since = now;
    all[i].in_service_since = now;
    all[i].healthy = true;
  }
}

}  // namespace weir::simulate
