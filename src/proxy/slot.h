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
  Slot& operator=(Slot&& other) noexcept;
  ~Slot() { release(); }

  explicit operator bool() const { return static_cast<bool>(endpoint_); }
  WorkerEndpoint& endpoint() const { return *endpoint_; }

  // A byte of the answer came; the first one is that of the whole head.
  void first_byte(Time now);
  void progress(Time now);
  // When to look next whether the endpoint is hung; kNever where nothing is known of that.
  Time next_look(Time now) const;
  // The request went out at `sent` and no byte of an answer has come: is there no hope for it?
  // Takes the endpoint out of rotation when that is found.
  bool hung(Time sent);
  // How the attempt ended, for the balancer and the passive checks. Once for each attempt.
  void judge(balance::Outcome::Kind kind);
  // The request ends here, by an operator's wish.
  void cut(const char* why);
  // What cut() raises beside the request's own end; null again before it goes.
  void breaks(net::Interrupt* tunnel) { tunnel_ = tunnel; }
  Slot* next_at_endpoint() const { return next_; }
  // Gives it back; whoever is next in line may have it.
  void release();

 private:
  bool found_hung(Time sent);
  void enlist();
  void leave();

  Passage* hop_ = nullptr;
  Local<WorkerEndpoint> endpoint_;
  Time taken_{};
  Time first_{};
  net::Interrupt* tunnel_ = nullptr;
  Slot* next_ = nullptr;  // in the list of the endpoint's slots
  Slot* previous_ = nullptr;
};

}  // namespace weir::proxy
