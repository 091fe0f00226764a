// Slot: the right to have a request or connection at an endpoint. Counted in Load and GroupLoad
// from its making to its end, whatever happens to the request.
#pragma once

#include <utility>

#include "proxy/passage.h"

namespace weir::proxy {

// Lives on one worker, not longer than its hop.
class Slot {
 public:
  Slot() = default;
  // Of what admit::take_slot has taken.
  Slot(Passage& hop, Local<WorkerEndpoint> endpoint, Time taken);
  Slot(Slot&& other) noexcept { *this = std::move(other); }
  Slot& operator=(Slot&& other) noexcept {
    std::swap(hop_, other.hop_);
    endpoint_.swap(other.endpoint_);
    std::swap(taken_, other.taken_);
    std::swap(first_, other.first_);
    return *this;
  }
  ~Slot() { release(); }

  explicit operator bool() const { return static_cast<bool>(endpoint_); }
  WorkerEndpoint& endpoint() const { return *endpoint_; }

  // The first byte of its answer has come.
  void first_byte(Time now) { first_ = now; }
  // How the attempt ended, for the balancer and the passive checks. Once for each attempt.
  void judge(balance::Outcome::Kind kind);
  // Gives it back; whoever is next in line may have it.
  void release();

 private:
  Passage* hop_ = nullptr;
  Local<WorkerEndpoint> endpoint_;
  Time taken_{};
  Time first_{};
};

}  // namespace weir::proxy
