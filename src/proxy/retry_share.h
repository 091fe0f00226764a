// RetryShare: one of the group's retries in flight, given back at the latest at the end of the
// request. Resting: a request that is neither in line nor at an endpoint, since it waits to be
// tried again. Both live in their request's coroutine.
#pragma once

#include <utility>

#include "judge/retry_budget.h"

namespace weir::proxy {

class RetryShare {
 public:
  RetryShare() = default;
  RetryShare(const RetryShare&) = delete;
  RetryShare& operator=(const RetryShare&) = delete;
  ~RetryShare() { give_back(); }
  // Also true when it is taken already.
  bool take(GroupLoad& group, const TargetGroup& options) {
    if (taken_of_) return true;
    if (!judge::take_retry(group, options.retry, options.circuit_breaker.retries)) return false;
    taken_of_ = &group;
    return true;
  }
  bool taken() const { return taken_of_ != nullptr; }
  void give_back() {
    GroupLoad* const group = std::exchange(taken_of_, nullptr);
    if (group) judge::give_retry_back(*group);
  }

 private:
  GroupLoad* taken_of_ = nullptr;
};

// Counted as long as it lives, so that the autoscaler and the console see the request.
class Resting {
 public:
  explicit Resting(GroupLoad& group) : group_(group) {
    group_.resting.fetch_add(1, std::memory_order_relaxed);
  }
  Resting(const Resting&) = delete;
  Resting& operator=(const Resting&) = delete;
  ~Resting() { group_.resting.fetch_sub(1, std::memory_order_relaxed); }

 private:
  GroupLoad& group_;
};

}  // namespace weir::proxy
