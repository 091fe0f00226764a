// Background: one thread for what blocks (SQLite, files). Work is done in the order given; the
// result comes back to the reactor that asked.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "net/reactor.h"

namespace weir::net {

class Background {
 public:
  Background();
  // Finishes what was given first.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // Any thread. Not awaited.
  void post(std::function<void()> work);
  // Blocks the caller until it is done, in its turn: for the start of a program.
  template <class F>
  auto call(F work) {
    std::promise<decltype(work())> done;
    post([&] { done.set_value(work()); });
    return done.get_future().get();
  }

  // co_await run<T>(reactor, work): on the reactor's thread; not cancelled by anything.
  template <class T>
  class Run {
   public:
    Run(Background& background, Reactor& reactor, std::function<T()> work)
        : background_(background), reactor_(reactor), work_(std::move(work)) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      background_.post([this, handle] {
        result_.emplace(work_());
        reactor_.post([handle] { handle.resume(); });
      });
    }
    T await_resume() { return *std::move(result_); }

   private:
    Background& background_;
    Reactor& reactor_;
    std::function<T()> work_;
    std::optional<T> result_;
  };
  template <class T>
  Run<T> run(Reactor& reactor, std::function<T()> work) {
    return Run<T>(*this, reactor, std::move(work));
  }

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> work_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace weir::net
