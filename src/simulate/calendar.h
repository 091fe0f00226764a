// Calendar: what will happen in a replay, in the order of its time; of one time, in the order in
// which it was noted, so that a replay repeats exactly.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "base/clock.h"

namespace weir::simulate {

struct Event {
  enum class Kind : std::uint8_t {
    second,   // a second begins: figures are sampled
    look,     // the autoscaler wanted to be asked at this time
    server,   // something happens at a server
    started,  // an instance passes its first health check
    ended,    // an instance has ended
    timeout,  // a request has waited too long
  };
  Time at;
  std::uint64_t order = 0;
  Kind kind{};
  std::uint64_t subject = 0;  // a server's number, or a request

  bool operator>(const Event& other) const {
    return at != other.at ? at > other.at : order > other.order;
  }
};

class Calendar {
 public:
  void add(Time at, Event::Kind kind, std::uint64_t subject = 0) {
    if (at != kNever) events_.push({at, order_++, kind, subject});
  }
  Time next() const { return events_.empty() ? kNever : events_.top().at; }
  Event take() {
    const Event event = events_.top();
    events_.pop();
    return event;
  }

 private:
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t order_ = 0;
};

}  // namespace weir::simulate
