// Events: the bus on which the control tells what happened. Keeps the last ones for those who come
// later, and calls whoever listens.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <vector>

#include "base/clock.h"
#include "model/event.h"

namespace weir::control {

// Lives on the control thread.
class Events {
 public:
  static constexpr std::size_t kKept = 1000;
  // Called with each event, inside publish(); it must not publish, listen or leave there: it notes
  // what it needs, or sets a net::Signal.
  using Hear = std::function<void(const Event&)>;

  // Ids begin at the milliseconds since 1970, so that they rise over restarts.
  explicit Events(const Clock& clock);

  // Gives it its id, and the time where it has none. What is returned lives until the next one.
  const Event& publish(Event event);

  // Those kept with an id above `after`, the oldest first, at most `limit`.
  std::vector<Event> since(std::uint64_t after, std::size_t limit = kKept) const;
  // Of the newest ever published; where there is none, the one before the first.
  std::uint64_t last() const { return next_ - 1; }

  // Listens for as long as it lives, which ends before the bus.
  class Listener {
   public:
    Listener(Events& events, Hear hear);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

   private:
    Events& events_;
    std::list<Hear>::iterator place_;
  };

 private:
  const Clock& clock_;
  std::uint64_t next_;
  std::deque<Event> kept_;
  std::list<Hear> listeners_;
};

}  // namespace weir::control
