// Timeout policy: the limits of time of a request: the target group's options, and what the rule
// says otherwise. A view; lives no longer than both.
#pragma once

#include "model/desired.h"

namespace weir::judge {

class TimeoutPolicy {
 public:
  TimeoutPolicy(const Timeouts& group, const RouteTimeouts* route) : group_(group), route_(route) {}

  Duration connect() const { return pick(&RouteTimeouts::connect, group_.connect); }
  Duration response() const { return pick(&RouteTimeouts::response, group_.response); }
  Duration idle() const { return pick(&RouteTimeouts::idle, group_.idle); }
  // 0: none.
  Duration request() const { return pick(&RouteTimeouts::request, group_.request); }
  Duration lifetime() const { return pick(&RouteTimeouts::lifetime, group_.lifetime); }

 private:
  Duration pick(std::optional<Duration> RouteTimeouts::* member, Duration otherwise) const {
    return route_ && route_->*member ? *(route_->*member) : otherwise;
  }

  const Timeouts& group_;
  const RouteTimeouts* route_;
};

}  // namespace weir::judge
