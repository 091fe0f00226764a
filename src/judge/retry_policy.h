// Retry policy: what of a request's failures is tried again: the target group's options, and what
// the rule says otherwise. A view; lives no longer than both.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "model/desired.h"

namespace weir::judge {

// `cause`: one word of `on`.
inline bool covers(std::string_view cause, std::uint16_t status) {
  if (cause == "5xx") return status >= 500 && status <= 599;
  if (cause == "gateway-error") return status >= 502 && status <= 504;
  std::uint16_t code = 0;
  std::from_chars(cause.data(), cause.data() + cause.size(), code);
  return code == status;
}

class RetryPolicy {
 public:
  RetryPolicy(const Retry& group, const RouteRetry* route) : group_(group), route_(route) {}

  // In all, the first one included.
  std::uint32_t attempts() const { return pick(&RouteRetry::attempts, group_.attempts); }
  Duration backoff() const { return pick(&RouteRetry::backoff, group_.backoff); }
  Duration backoff_max() const { return pick(&RouteRetry::backoff_max, group_.backoff_max); }
  std::uint64_t body() const { return pick(&RouteRetry::body, group_.body).value; }
  // 0: none.
  Duration per_try() const { return pick(&RouteRetry::per_try_timeout, group_.per_try_timeout); }

  bool on_connect_failure() const { return lists("connect-failure"); }
  // Nothing of an answer came.
  bool on_unanswered() const { return lists("unanswered"); }
  // An answer came with this status, and nothing of it was relayed.
  bool on_status(std::uint16_t status) const {
    if (status < 400) return false;
    const Names& causes = on();
    return std::any_of(causes.begin(), causes.end(),
                       [status](const std::string& cause) { return covers(cause, status); });
  }
  // Only requests that are safe (RFC 9110 section 9.2.1) are sent twice.
  bool safe_methods_only() const {
    return (route_ && route_->unanswered ? *route_->unanswered : group_.unanswered) != "any";
  }

 private:
  template <class T>
  T pick(std::optional<T> RouteRetry::* member, const T& otherwise) const {
    return route_ && route_->*member ? *(route_->*member) : otherwise;
  }
  const Names& on() const { return route_ && route_->on ? *route_->on : group_.on; }
  bool lists(std::string_view cause) const {
    return std::find(on().begin(), on().end(), cause) != on().end();
  }

  const Retry& group_;
  const RouteRetry* route_;
};

}  // namespace weir::judge
