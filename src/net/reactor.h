// Reactor: one thread's event loop: descriptors, deadlines and messages from other threads.
//
// Edge-triggered epoll. What the rest of the program sees of it is this header, wait.h and
// stream.h; nothing outside net knows of epoll, so that another engine can take its place.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "net/fd.h"
#include "net/outbox.h"
#include "net/timer.h"
#include "net/wait.h"

namespace weir::net {

// Something that epoll tells of. Buried, not deleted: events of the same turn may still name it.
class Pollable {
 public:
  virtual ~Pollable() = default;
  virtual void on_events(std::uint32_t events) = 0;

 private:
  friend class Reactor;
  bool buried_ = false;
};

// Closes now, deletes at the end of the turn.
class Bury {
 public:
  Bury() = default;
  explicit Bury(Reactor& reactor) : reactor_(&reactor) {}
  template <class T>
  void operator()(T* pollable) const;

 private:
  Reactor* reactor_ = nullptr;
};
template <class T>
using Owned = std::unique_ptr<T, Bury>;

class Reactor {
 public:
  explicit Reactor(const Clock& clock);
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;
  ~Reactor();

  // The loop of this thread; null outside run().
  static Reactor* current();

  // Runs until stop(). Once.
  void run();
  // One turn: waits until `until` at the latest. For tests and for loops of their own.
  void turn(Time until);
  // Any thread.
  void stop();
  // Any thread: calls `message` on the loop's thread, in order.
  void post(std::function<void()> message);

  const Clock& clock() const { return clock_; }
  // The time when this turn's events arrived; cheap.
  Time now() const { return now_; }

  TimerWheel& timers() { return timers_; }

  // Registers edge-triggered for everything; `events` as epoll's.
  bool add(int fd, std::uint32_t events, Pollable& pollable);
  void remove(int fd);
  void bury(Pollable* pollable);
  // Deleted with the reactor, unless it is buried before.
  void own(std::unique_ptr<Pollable> pollable) { owned_.push_back(std::move(pollable)); }

  // Runs once the events of this turn are done, before the loop sleeps.
  void defer(std::function<void()> work) { deferred_.push_back(std::move(work)); }

  // Shared by all reads of this thread: what is in it is valid until the next suspension.
  static constexpr std::size_t kScratch = 64 * 1024;
  static constexpr std::size_t kSlack = 64;  // readable beyond the end, for vector instructions
  char* scratch() { return scratch_.get(); }
  Outbox& outbox() { return outbox_; }

 private:
  friend class Waiter;
  friend class Interrupt;
  struct Mail;
  void ready(Waiter& waiter);
  void run_ready();
  void run_mail();

  const Clock& clock_;
  Time now_;
  Fd epoll_;
  TimerWheel timers_;
  std::unique_ptr<char[]> scratch_;
  Outbox outbox_;
  Waiter* ready_first_ = nullptr;
  Waiter* ready_last_ = nullptr;
  std::size_t ready_count_ = 0;
  std::vector<Pollable*> graves_;
  std::vector<std::unique_ptr<Pollable>> owned_;
  std::vector<std::function<void()>> deferred_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::vector<std::function<void()>> mail_;
  std::unique_ptr<Mail> mail_watch_;
};

// A descriptor and what to do when it is readable or writable; level-triggered, not owned.
// Lives on the reactor's thread.
class Watch final : public Pollable {
 public:
  Watch(Reactor& reactor, int fd, std::uint32_t events,
        std::function<void(std::uint32_t)> on_event);
  void on_events(std::uint32_t events) override { on_event_(events); }
  void close();

 private:
  Reactor& reactor_;
  int fd_;
  std::function<void(std::uint32_t)> on_event_;
};
// Owned<Watch> is the way to hold one: dropping it may happen inside its own callback.
Owned<Watch> watch(Reactor& reactor, int fd, std::uint32_t events,
                   std::function<void(std::uint32_t)> on_event);

// co_await sleep(reactor, deadline): Io::timeout at the time, Io::cancelled when interrupted.
class sleep {
 public:
  sleep(Reactor& reactor, Deadline deadline) : waiter_(reactor), deadline_(deadline) {}
  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> handle) { return waiter_.wait(handle, deadline_); }
  Io await_resume() const { return waiter_.result(); }

 private:
  Waiter waiter_;
  Deadline deadline_;
};

// A flag that one coroutine waits for and others on the same thread set.
class Signal {
 public:
  explicit Signal(Reactor& reactor) : reactor_(reactor) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  // Wakes whoever waits, or lets the next wait pass at once. Any number of sets count as one. The
  // signal may be destroyed after a set(), before the waiter runs.
  void set();

  class Wait {
   public:
    Wait(Signal& signal, Deadline deadline)
        : signal_(&signal), waiter_(signal.reactor_), deadline_(deadline) {}
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    ~Wait();
    bool await_ready();
    bool await_suspend(std::coroutine_handle<> handle);
    Io await_resume();

   private:
    friend class Signal;
    void leave();
    Signal* signal_;  // null once it woke us
    Waiter waiter_;
    Deadline deadline_;
    bool passed_ = false;
  };
  // One waiter at a time. Io::ok when set.
  Wait wait(Deadline deadline) { return Wait(*this, deadline); }

 private:
  Reactor& reactor_;
  bool set_ = false;
  Wait* waiting_ = nullptr;
};

template <class T>
void Bury::operator()(T* pollable) const {
  pollable->close();
  reactor_->bury(pollable);
}

}  // namespace weir::net
