// Room: the waiting room of one target group, shared by all workers. Whoever finds no free slot
// waits here; the head of the line alone may try, and is signalled whenever that may help.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>

#include "admit/line.h"
#include "model/load.h"
#include "net/reactor.h"

namespace weir::proxy {

// Any thread. While somebody waits, GroupLoad::waiting is above 0 and arrivals queue.
//
// No wake-up is lost. The head is signalled when it becomes the head, and at every release of a
// slot and every change after that; a signal stays set until the head has tried. Left is the moment
// in which one enters while a slot is released: enter() raises `waiting` and then looks at
// in_flight, a release lowers in_flight and then looks at `waiting`, all four sequentially
// consistent, so that at least one of the two sees the other. For a change of anything else, say
// of health, both sides change `waiting` itself: either wake() sees the waiter, or it came before
// in the order of changes, and the waiter sees what happened before it.
class Room {
 public:
  explicit Room(std::shared_ptr<GroupLoad> load);

  // Rung to tell a waiter that it may try. Outlives its place: a ring may be on its way.
  struct Bell {
    explicit Bell(net::Reactor& r) : reactor(r), signal(r) {}
    net::Reactor& reactor;
    net::Signal signal;  // touched on the waiter's own thread only
    std::atomic<bool> displaced{false};
  };

  // One request's place in the line. Lives in its coroutine, on one worker.
  class Place {
   public:
    Place(Room& room, net::Reactor& reactor) : room_(room), reactor_(reactor) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { leave(); }  // gives the place up

    // `rank`: of its priority class (admit::rank_of). In a full room a less important one goes.
    admit::Entry enter(std::uint64_t bytes, const Queue& limits, std::uint32_t rank = 0,
                       Time now = {});
    // It had to go for a more important one.
    bool displaced() const { return bell_->displaced.load(std::memory_order_relaxed); }
    // Nobody waited when it entered.
    bool opened_line() const { return opened_line_; }
    void leave();
    // co_await: until it is this one's turn to try: Io::ok.
    net::Signal::Wait turn(net::Deadline deadline) { return bell_->signal.wait(deadline); }

   private:
    Room& room_;
    net::Reactor& reactor_;
    admit::TicketId id_ = 0;
    bool opened_line_ = false;
    std::shared_ptr<Bell> bell_;
  };

  // A slot was given back: admit::release_slot has been called.
  void slot_released() {
    if (load_->waiting.load(std::memory_order_seq_cst) > 0) signal_head();
  }
  // Something else has changed that may give somebody a slot.
  void wake() {
    if (load_->waiting.fetch_add(0, std::memory_order_seq_cst) > 0) signal_head();
  }

 private:
  void use_order_of(const Queue& limits);
  void displace(admit::TicketId id);
  void signal_head();
  void signal_head_locked();
  static void ring(const std::shared_ptr<Bell>& bell);

  std::shared_ptr<GroupLoad> load_;
  std::mutex mutex_;
  std::unique_ptr<admit::Line> line_;
  Names classes_;  // that line_ was made for
  Duration aging_{};
  std::unordered_map<admit::TicketId, std::shared_ptr<Bell>> bells_;
  admit::TicketId last_id_ = 0;
};

}  // namespace weir::proxy
