// Turns: one at a time, in the order of asking. For coroutines of one thread.
#pragma once

#include <coroutine>
#include <deque>

namespace weir::control {

// Lives on one thread. co_await turns.take(); ... turns.pass();
class Turns {
 public:
  struct Take {
    explicit Take(Turns& t) : turns(t) {}
    bool await_ready() {
      if (turns.taken_) return false;
      return turns.taken_ = true;
    }
    void await_suspend(std::coroutine_handle<> handle) { turns.waiting_.push_back(handle); }
    void await_resume() {}
    Turns& turns;
  };
  Take take() { return Take(*this); }
  // Lets the next one go on, before this returns.
  void pass() {
    if (waiting_.empty()) {
      taken_ = false;
      return;
    }
    const auto next = waiting_.front();
    waiting_.pop_front();
    next.resume();
  }

 private:
  bool taken_ = false;
  std::deque<std::coroutine_handle<>> waiting_;
};

}  // namespace weir::control
