// Admission: who may go where, now: chooses an endpoint and takes a slot at it, or waits in line.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "balance/balancer.h"
#include "base/task.h"
#include "proxy/slot.h"

namespace weir::proxy {

// Of one request or connection. Lives in its coroutine.
class Admission {
 public:
  // `key`: what the request should stick to (balance::Plan::key).
  Admission(Passage& passage, std::uint64_t key) : hop_(passage), ask_{key} {}

  // Without waiting: nothing when no slot is free, or others wait already.
  Slot take_now();
  // Likewise, and never this one: for a second attempt beside the first.
  Slot take_beside(EndpointId busy);
  // In the waiting room, where `bytes` are held for it, in the priority class of that rank.
  // Nothing when the client has gone, or Passage::trouble says why not.
  Task<Slot> wait(std::uint64_t bytes, std::uint32_t rank = 0);
  // The request has been there and failed: there again only where there is no other.
  void exclude(EndpointId endpoint);

 private:
  Slot choose();
  Slot choose_among(std::span<const EndpointId> tried);
  // Is there, fit for traffic, an endpoint that was not tried?
  bool another_exists() const;
  // The circuit breaker's limit of requests is reached.
  bool tripped();
  // Nobody can ever give this group an endpoint.
  bool hopeless(bool exists) const;

  Passage& hop_;
  balance::Ask ask_;
  std::array<EndpointId, 8> tried_{};  // the last ones
  std::uint32_t tried_count_ = 0;
  bool tripped_ = false;
};

}  // namespace weir::proxy
