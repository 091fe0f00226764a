#include "control/events.h"

#include <algorithm>
#include <utility>

namespace weir::control {

Events::Events(const Clock& clock)
    : clock_(clock),
      next_(static_cast<std::uint64_t>(std::max<std::int64_t>(
          clock.wall().time_since_epoch() / std::chrono::milliseconds(1), 1))) {}

const Event& Events::publish(Event event) {
  event.id = next_++;
  if (event.time == WallTime()) event.time = clock_.wall();
  kept_.push_back(std::move(event));
  if (kept_.size() > kKept) kept_.pop_front();
  for (const Hear& hear : listeners_) hear(kept_.back());
  return kept_.back();
}

std::vector<Event> Events::since(std::uint64_t after, std::size_t limit) const {
  const auto first = std::partition_point(kept_.begin(), kept_.end(),
                                          [&](const Event& event) { return event.id <= after; });
  const auto left = static_cast<std::size_t>(kept_.end() - first);
  return {first, first + static_cast<std::ptrdiff_t>(std::min(left, limit))};
}

Events::Listener::Listener(Events& events, Hear hear)
    : events_(events), place_(events.listeners_.insert(events.listeners_.end(), std::move(hear))) {}

Events::Listener::~Listener() { events_.listeners_.erase(place_); }

}  // namespace weir::control
