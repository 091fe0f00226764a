#include "net/wait.h"

#include <utility>

#include "base/check.h"
#include "net/reactor.h"

namespace weir::net {

std::string_view to_string(Io io) {
  switch (io) {
    case Io::ok:
      return "ok";
    case Io::eof:
      return "closed by the peer";
    case Io::timeout:
      return "timed out";
    case Io::cancelled:
      return "cancelled";
    case Io::refused:
      return "refused";
    case Io::reset:
      return "reset by the peer";
    case Io::failed:
      return "failed";
  }
  return "failed";
}

void Interrupt::raise() {
  raised_ = true;
  while (first_) first_->wake_later(Io::cancelled);
}

Waiter::Waiter(Reactor& reactor) : Timer(&Waiter::expired), reactor_(reactor) {}

bool Waiter::wait(std::coroutine_handle<> handle, const Deadline& deadline) {
  DCHECK(!waiting());
  if (deadline.interrupt && deadline.interrupt->raised()) {
    result_ = Io::cancelled;
    return false;
  }
  if (deadline.at <= reactor_.now()) {
    result_ = Io::timeout;
    return false;
  }
  handle_ = handle;
  until_ = deadline.at;
  if (!armed() || at() > until_) reactor_.timers().arm(*this, until_);
  interrupt_ = deadline.interrupt;
  if (interrupt_) {
    prev_ = nullptr;
    next_ = interrupt_->first_;
    if (next_) next_->prev_ = this;
    interrupt_->first_ = this;
  }
  return true;
}

void Waiter::unlink() {
  if (interrupt_) {
    (prev_ ? prev_->next_ : interrupt_->first_) = next_;
    if (next_) next_->prev_ = prev_;
    interrupt_ = nullptr;
  } else if (ready_) {
    (prev_ ? prev_->next_ : reactor_.ready_first_) = next_;
    (next_ ? next_->prev_ : reactor_.ready_last_) = prev_;
    --reactor_.ready_count_;
    ready_ = false;
  }
  next_ = prev_ = nullptr;
}

void Waiter::wake(Io result) {
  unlink();
  result_ = result;
  std::exchange(handle_, {}).resume();
}

void Waiter::wake_later(Io result) {
  unlink();
  result_ = result;
  ready_ = true;
  ++reactor_.ready_count_;
  prev_ = reactor_.ready_last_;
  (prev_ ? prev_->next_ : reactor_.ready_first_) = this;
  reactor_.ready_last_ = this;
}

void Waiter::expired(Timer& timer) {
  auto& waiter = static_cast<Waiter&>(timer);
  if (!waiter.waiting() || waiter.ready_) return;
  if (waiter.reactor_.now() < waiter.until_) {
    waiter.reactor_.timers().arm(waiter, waiter.until_);
  } else {
    waiter.wake(Io::timeout);
  }
}

}  // namespace weir::net
