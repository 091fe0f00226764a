#include "net/reactor.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/check.h"

namespace weir::net {
namespace {

constexpr int kEventsPerTurn = 256;
thread_local Reactor* current_reactor = nullptr;

}  // namespace

// Wakes the loop for messages of other threads.
struct Reactor::Mail final : Pollable {
  Mail() : fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { CHECK(fd); }
  void on_events(std::uint32_t) override {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto n = ::read(fd.get(), &count, sizeof count);
  }
  void ring() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto n = ::write(fd.get(), &one, sizeof one);
  }
  Fd fd;
};

Reactor* Reactor::current() { return current_reactor; }

Reactor::Reactor(const Clock& clock)
    : clock_(clock),
      now_(clock.now()),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      timers_(now_),
      scratch_(new char[kScratch + kSlack]()),
      mail_watch_(std::make_unique<Mail>()) {
  CHECK(epoll_);
  CHECK(add(mail_watch_->fd.get(), EPOLLIN, *mail_watch_));
}

Reactor::~Reactor() {
  for (Pollable* pollable : graves_) delete pollable;
}

void Reactor::run() {
  while (!stop_.load(std::memory_order_acquire)) turn(kNever);
}

void Reactor::stop() {
  stop_.store(true, std::memory_order_release);
  mail_watch_->ring();
}

void Reactor::post(std::function<void()> message) {
  bool first;
  {
    const std::lock_guard lock(mutex_);
    first = mail_.empty();
    mail_.push_back(std::move(message));
  }
  if (first) mail_watch_->ring();
}

void Reactor::turn(Time until) {
  Reactor* const outer = std::exchange(current_reactor, this);
  int wait_ms = 0;
  if (!ready_first_ && deferred_.empty()) {
    const Time at = std::min(until, timers_.next());
    if (at == kNever) {
      wait_ms = -1;
    } else if (const Duration left = at - clock_.now(); left > 0ns) {
      wait_ms =
          static_cast<int>(std::min<std::int64_t>((left.count() + 999'999) / 1'000'000, 60'000));
    }
  }
  std::array<epoll_event, kEventsPerTurn> events;
  const int n = ::epoll_wait(epoll_.get(), events.data(), kEventsPerTurn, wait_ms);
  now_ = clock_.now();
  if (n > Outbox::kBusy) outbox_.open();
  for (int i = 0; i < n; ++i) {
    if (i > 0 && i % Outbox::kTogether == 0) outbox_.send();
    auto* pollable = static_cast<Pollable*>(events[i].data.ptr);
    if (!pollable->buried_) pollable->on_events(events[i].events);
  }
  outbox_.close();
  timers_.advance(now_);
  run_mail();
  run_ready();
  std::vector<std::function<void()>> deferred = std::move(deferred_);
  deferred_.clear();
  for (auto& work : deferred) work();
  const std::vector<Pollable*> graves = std::exchange(graves_, {});
  for (Pollable* pollable : graves) delete pollable;
  current_reactor = outer;
}

void Reactor::run_mail() {
  std::vector<std::function<void()>> mail;
  {
    const std::lock_guard lock(mutex_);
    mail.swap(mail_);
  }
  for (auto& message : mail) message();
}

void Reactor::run_ready() {
  // As many as are ready now: those made ready meanwhile run in the next turn, so that descriptors
  // get theirs.
  for (std::size_t left = ready_count_; left > 0 && ready_first_; --left) {
    ready_first_->wake(ready_first_->result());
  }
}

bool Reactor::add(int fd, std::uint32_t events, Pollable& pollable) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &pollable;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Reactor::remove(int fd) { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

void Reactor::bury(Pollable* pollable) {
  pollable->buried_ = true;
  graves_.push_back(pollable);
  for (std::unique_ptr<Pollable>& owned : owned_) {
    if (owned.get() != pollable) continue;
    static_cast<void>(owned.release());
    owned = std::move(owned_.back());
    owned_.pop_back();
    break;
  }
}

void Signal::set() {
  if (waiting_) {
    Wait& wait = *std::exchange(waiting_, nullptr);
    wait.signal_ = nullptr;  // which may be gone when the waiter runs
    wait.waiter_.wake_later(Io::ok);
  } else {
    set_ = true;
  }
}

Signal::Wait::~Wait() { leave(); }

bool Signal::Wait::await_ready() { return passed_ = std::exchange(signal_->set_, false); }

bool Signal::Wait::await_suspend(std::coroutine_handle<> handle) {
  if (!waiter_.wait(handle, deadline_)) return false;
  DCHECK(!signal_->waiting_);
  signal_->waiting_ = this;
  return true;
}

Io Signal::Wait::await_resume() {
  if (passed_) return Io::ok;
  leave();
  return waiter_.result();
}

void Signal::Wait::leave() {
  if (signal_ && signal_->waiting_ == this) signal_->waiting_ = nullptr;
}

Watch::Watch(Reactor& reactor, int fd, std::uint32_t events,
             std::function<void(std::uint32_t)> on_event)
    : reactor_(reactor), fd_(fd), on_event_(std::move(on_event)) {
  CHECK(reactor_.add(fd_, events, *this));
}

void Watch::close() {
  if (fd_ >= 0) reactor_.remove(std::exchange(fd_, -1));
}

Owned<Watch> watch(Reactor& reactor, int fd, std::uint32_t events,
                   std::function<void(std::uint32_t)> on_event) {
  return Owned<Watch>(new Watch(reactor, fd, events, std::move(on_event)), Bury(reactor));
}

}  // namespace weir::net
