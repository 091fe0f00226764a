// Waiting: a suspended coroutine with its deadline and its interrupt. Every await on the outside
// world takes a Deadline; being cancelled is an ordinary result.
#pragma once

#include <coroutine>
#include <cstdint>
#include <string_view>

#include "net/timer.h"

namespace weir::net {

class Reactor;
class Waiter;

// How an await on the outside world ended.
enum class Io : std::uint8_t {
  ok,
  eof,        // the peer ended its side properly
  timeout,    // the deadline passed
  cancelled,  // the interrupt was raised, or the object closed
  refused,    // nobody listens there
  reset,      // the peer broke the connection
  failed,     // any other error of the system
};
std::string_view to_string(Io io);

// Raised once: whoever waits under it wakes with Io::cancelled, and whoever waits later does at
// once. Lives on one thread; outlives its waiters.
class Interrupt {
 public:
  Interrupt() = default;
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  // Wakes the waiters from the loop, not from inside this call.
  void raise();
  bool raised() const { return raised_; }

 private:
  friend class Waiter;
  Waiter* first_ = nullptr;
  bool raised_ = false;
};

struct Deadline {
  Deadline(Time t, Interrupt* i = nullptr) : at(t), interrupt(i) {}  // NOLINT: a time is one
  Time at;
  Interrupt* interrupt;
};

// One suspended coroutine. Part of an awaitable; lives in its coroutine's frame.
class Waiter : private Timer {
 public:
  explicit Waiter(Reactor& reactor);
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() { unlink(); }

  // False when there is nothing to wait for: the result is set (deadline past, or interrupted).
  bool wait(std::coroutine_handle<> handle, const Deadline& deadline);
  // Resumes now. From the loop only (events, timers): never from inside another coroutine.
  void wake(Io result);
  // Resumes from the loop, later in this turn.
  void wake_later(Io result);
  bool waiting() const { return static_cast<bool>(handle_); }
  Io result() const { return result_; }
  Reactor& reactor() const { return reactor_; }

 private:
  friend class Interrupt;
  friend class Reactor;
  static void expired(Timer& timer);
  void unlink();

  Reactor& reactor_;
  // The timer may be armed for an earlier time, left there by an earlier wait: to take it out of
  // the wheel and put it back at each wait would touch its neighbours, in cold memory.
  Time until_{};
  std::coroutine_handle<> handle_;  // null: nobody waits
  Interrupt* interrupt_ = nullptr;
  Waiter* next_ = nullptr;  // of the interrupt's list, or of the reactor's ready list
  Waiter* prev_ = nullptr;
  bool ready_ = false;  // in the reactor's ready list
  Io result_ = Io::ok;
};

}  // namespace weir::net
