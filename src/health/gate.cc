#include "health/gate.h"

namespace weir::health {

Gate::Enter Gate::Pass::enter(net::Deadline deadline) { return Enter(*this, deadline); }

void Gate::Pass::entered() {
  inside_ = true;
  gate_.reactor_.timers().arm(*this, gate_.reactor_.now() + gate_.slow_);
}

void Gate::Pass::leave() {
  cancel();
  if (!inside_) return;
  inside_ = false;
  gate_.give_back();
}

void Gate::give_back() {
  if (!first_) {
    ++free_;
    return;
  }
  Enter& next = *first_;
  unlink(next);
  next.granted_ = true;
  next.waiter_.wake_later(net::Io::ok);
}

bool Gate::Enter::await_ready() {
  Gate& gate = pass_.gate_;
  if (gate.free_ == 0) return false;
  --gate.free_;
  return granted_ = true;
}

bool Gate::Enter::await_suspend(std::coroutine_handle<> handle) {
  waited_ = waiter_.wait(handle, deadline_);
  if (waited_) pass_.gate_.append(*this);
  return waited_;
}

net::Io Gate::Enter::await_resume() {
  if (granted_) {
    pass_.entered();
    return net::Io::ok;
  }
  if (waited_) pass_.gate_.unlink(*this);
  return waiter_.result();
}

void Gate::append(Enter& enter) {
  enter.previous_ = last_;
  (last_ ? last_->next_ : first_) = &enter;
  last_ = &enter;
}

void Gate::unlink(Enter& enter) {
  (enter.previous_ ? enter.previous_->next_ : first_) = enter.next_;
  (enter.next_ ? enter.next_->previous_ : last_) = enter.previous_;
  enter.next_ = enter.previous_ = nullptr;
}

}  // namespace weir::health
