// TimerWheel: deadlines at O(1) each to arm, cancel and fire, whatever their number.
//
// A hierarchical timing wheel (Varghese and Lauck 1987): 8 levels of 64 slots, 1 ms ticks, which is
// more than a Time can hold; a bitmap per level finds the next busy slot in one instruction.
// A timer never fires early and at most one tick late, plus the time of the loop's turn.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.h"

namespace weir::net {

// An intrusive node; cancelled by its destructor. Lives on one thread.
class Timer {
 public:
  using Fire = void (*)(Timer&);

  explicit Timer(Fire fire) : fire_(fire) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }

  bool armed() const { return next_ != nullptr; }
  Time at() const { return at_; }
  void cancel() {
    if (!next_) return;
    prev_->next_ = next_;
    next_->prev_ = prev_;
    next_ = prev_ = nullptr;
  }

 private:
  friend class TimerWheel;
  Timer* next_ = nullptr;
  Timer* prev_ = nullptr;
  Time at_{};
  Fire fire_;
};

class TimerWheel {
 public:
  explicit TimerWheel(Time now);
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  ~TimerWheel();

  // Fires at `at` or at the next advance if that is past; kNever disarms. Rearms if armed.
  void arm(Timer& timer, Time at);
  // Fires what is due. A firing timer may arm and cancel any other, and destroy itself.
  void advance(Time now);
  // When advance should be called next; kNever when nothing is armed. May be early, never late.
  Time next() const;

 private:
  static constexpr int kLevels = 8;  // 2^48 ms, where a Time ends at 2^43.1
  static constexpr int kBits = 6;
  static constexpr std::uint64_t kSlots = 1 << kBits;

  struct Slot {
    Slot();
    bool empty() const { return head.next_ == &head; }
    Timer head;
  };
  struct Level {
    std::array<Slot, kSlots> slots;
    // A set bit may stand for a slot whose timers were all cancelled; never the reverse.
    std::uint64_t busy = 0;
  };

  void insert(Timer& timer, std::uint64_t soonest);
  void take(Slot& slot, Slot& into);
  void cascade(int level);
  std::uint64_t next_busy() const;

  Time start_;
  std::uint64_t tick_ = 0;  // ticks done
  std::array<Level, kLevels> levels_;
};

}  // namespace weir::net
