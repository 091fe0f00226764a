// Task<T>: a lazily started coroutine with one awaiter, living on one thread.
//
// Resumes through `bool await_suspend`: a child that finishes at once costs no stack, in every
// build mode of g++ 12 (STYLE B4). Frames come from the thread's pool. A plain function whose
// result is there already returns it as a Task without a frame.
#pragma once

#include <coroutine>
#include <cstdlib>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/frame_pool.h"

namespace weir {
namespace detail {

struct PromiseBase {
  std::coroutine_handle<> awaiter;
  bool suspended = false;  // the awaiter left the stack; resume it when we finish

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* block, std::size_t size) noexcept { free_frame(block, size); }

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct Final {
    bool await_ready() noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> handle) noexcept {
      PromiseBase& promise = handle.promise();
      if (promise.suspended && promise.awaiter) promise.awaiter.resume();
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { std::abort(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  auto get_return_object() { return std::coroutine_handle<Promise>::from_promise(*this); }
  template <class U = T>
  void return_value(U&& v) {
    value.emplace(std::forward<U>(v));
  }
  T take() { return *std::move(value); }
};

template <>
struct Promise<void> : PromiseBase {
  auto get_return_object() { return std::coroutine_handle<Promise>::from_promise(*this); }
  void return_void() {}
  void take() {}
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;
  using Ready = std::conditional_t<std::is_void_v<T>, std::monostate, std::optional<T>>;

  Task(Handle handle) : handle_(handle) {}  // NOLINT: made by the promise
  // A result is a task that is done.
  template <class U>
    requires(std::is_convertible_v<U, T> && !std::is_void_v<T>)
  Task(U&& result) : ready_(T(std::forward<U>(result))) {}  // NOLINT
  static Task nothing()
    requires std::is_void_v<T>
  {
    return Task(Handle());
  }
  Task(Task&& other) noexcept
      : handle_(std::exchange(other.handle_, {})), ready_(std::move(other.ready_)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return !handle_; }
  // A child that finishes at once returns here, so a loop of such awaits keeps the stack flat.
  bool await_suspend(std::coroutine_handle<> awaiter) {
    handle_.promise().awaiter = awaiter;
    handle_.resume();
    if (handle_.done()) return false;
    return handle_.promise().suspended = true;
  }
  T await_resume() { return result(); }

  // For the one that owns the task without awaiting it: tests, and Scope.
  void start() {
    if (!handle_) return;
    handle_.promise().suspended = true;
    handle_.resume();
  }
  bool done() const { return !handle_ || handle_.done(); }
  // Once, after done().
  T result() {
    if constexpr (std::is_void_v<T>) {
      return;
    } else {
      return handle_ ? handle_.promise().take() : *std::move(ready_);
    }
  }

 private:
  Handle handle_;
  Ready ready_;
};

}  // namespace weir
