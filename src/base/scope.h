// Scope: owns background tasks. Nothing runs on after its owner; close() waits for the last one.
#pragma once

#include <coroutine>
#include <cstddef>

#include "base/check.h"
#include "base/frame_pool.h"
#include "base/task.h"

namespace weir {

// Lives on one thread. The owner cancels what its tasks wait for (net::Interrupt), then awaits
// close().
class Scope {
 public:
  Scope() = default;
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope() { CHECK(running_ == 0); }

  // Starts the task at once; its frame frees itself at the end.
  void spawn(Task<> task) { run(*this, std::move(task)); }
  std::size_t running() const { return running_; }

  // What a coroutine returns that runs in the scope it gets as its first parameter, at once and
  // without a Task: for those of which there are many. What it holds ends before the scope hears
  // of its end, if it stands in a block of its own.
  struct Job {
    struct promise_type {
      template <class... A>
      explicit promise_type(Scope& s, A&...) : scope(s) {
        ++scope.running_;
      }
      static void* operator new(std::size_t size) { return allocate_frame(size); }
      static void operator delete(void* block, std::size_t size) noexcept {
        free_frame(block, size);
      }
      Job get_return_object() { return {}; }
      std::suspend_never initial_suspend() noexcept { return {}; }
      std::suspend_never final_suspend() noexcept { return {}; }
      void return_void() { scope.ended(); }
      void unhandled_exception() noexcept { std::abort(); }
      Scope& scope;
    };
  };

  // One waiter at a time.
  Task<> close() {
    auto wait = Idle(*this);
    co_await wait;
  }

 private:
  static Job run(Scope&, Task<> task) {
    {
      Task<> mine = std::move(task);
      co_await mine;
    }
  }
  void ended() {
    if (--running_ == 0 && waiter_) std::exchange(waiter_, {}).resume();
  }

  struct Idle {
    explicit Idle(Scope& s) : scope(s) {}
    bool await_ready() const { return scope.running_ == 0; }
    void await_suspend(std::coroutine_handle<> h) { scope.waiter_ = h; }
    void await_resume() {}
    Scope& scope;
  };

  std::size_t running_ = 0;
  std::coroutine_handle<> waiter_;
};

}  // namespace weir
