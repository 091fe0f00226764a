#include "simulate/seat.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/suggest.h"

namespace weir::simulate {
Result<const Reference*> reference_of(std::string_view name) {
  std::vector<std::string> names;
  for (const Reference& reference : references()) {
    if (reference.name == name) return &reference;
    names.emplace_back(reference.name);
  }
  return fail(Code::not_found,
              fmt::format("no reference '{}': {}", name, config::did_you_mean(name, names)));
}

Seat::Seat(const Reference& reference, double target, const RequestTrace& trace, Ability ability,
           Duration start_time)
    : ability_(ability) {
  // A request here is as much work as so many there.
  const double each = kInstanceRate * ability_.service_seconds / ability_.slots;
  const auto steps = static_cast<std::size_t>(seconds(trace.length) / kStep) + 1;
  const std::size_t minutes = steps / kStepsPerMinute + 1;
  arrivals_.resize(minutes * kStepsPerMinute);
  for (const Request& request : trace.requests) {
    arrivals_[static_cast<std::size_t>(seconds(request.at) / kStep)] += each;
  }
  trace_.name = trace.name;
  for (std::size_t k = 0; k < arrivals_.size(); ++k) {
    if (k % kStepsPerMinute == 0) trace_.rates.push_back(0);
    trace_.rates.back() += arrivals_[k] / 60;
  }
  scaler_ = reference.make({target, seconds(start_time), trace_, arrivals_});
}

std::optional<std::uint32_t> Seat::look(const Figures& now) {
  const double slots = kSlots / ability_.slots;
  View view;
  view.step = std::min(step_, arrivals_.size() - 1);
  view.at = static_cast<double>(step_) * kStep;
  view.arrivals = static_cast<double>(now.arrivals - before_.arrivals) * kInstanceRate *
                  ability_.service_seconds / ability_.slots;
  view.served = (now.slot_seconds - before_.slot_seconds) * slots / kServiceSeconds;
  view.queue = now.waiting * slots;
  // They divide by what serves; with nobody there is nothing to divide.
  view.ready = std::max(now.ready, 1u);
  view.total = std::max(now.total, 1u);
  view.delay = view.queue / (view.ready * kInstanceRate);
  view.starting = &starting_;
  before_ = now;
  ++step_;
  return scaler_->decide(view);
}

}  // namespace weir::simulate
