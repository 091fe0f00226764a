// The tables of what protects from too much: retries and limits of a rule, request budgets,
// hedging, learned concurrency.
#include <fmt/format.h>

#include "config/field.h"
#include "model/desired_fields.h"
#include "model/desired_syntax.h"

namespace weir {

using config::also_called;
using config::between;
using config::Cursor;
using config::field;
using config::is;
using config::Node;
using config::one_of;
using config::struct_type;
using config::Verdict;
using config::Write;

namespace {

class RateType final : public config::Type {
 public:
  std::string name() const override { return "rate"; }
  void decode(const Cursor& cursor, void* value) const override {
    const Node& node = cursor.node();
    if (node.kind != Node::Kind::scalar) return cursor.wrong_kind("write a rate such as 10/s");
    if (const auto rate = parse_rate(node.text)) {
      *static_cast<Rate*>(value) = *rate;
      return;
    }
    const bool digits = node.text.find_first_not_of("0123456789") == std::string::npos;
    cursor.mistake(fmt::format("'{}' is not a rate", config::shorten(node.text)),
                   digits && !node.text.empty() && node.text != "0"
                       ? fmt::format("write {}/s, {}/m or {}/h, whichever is meant", node.text,
                                     node.text, node.text)
                       : "write a whole number and a unit, such as 10/s, 600/m or 5/100ms");
  }
  Node encode(const void* value, Write) const override {
    return Node::scalar(weir::to_string(*static_cast<const Rate*>(value)));
  }
  bool equal(const void* a, const void* b) const override {
    return *static_cast<const Rate*>(a) == *static_cast<const Rate*>(b);
  }
};

struct HasRate {
  std::string range() const { return "required"; }
  Verdict operator()(const Rate& rate) const {
    if (rate.count > 0) return std::nullopt;
    return config::Complaint{"is missing", "write rate: 10/s"};
  }
};

}  // namespace

const config::Type& config_type(const Rate*) {
  static const RateType type;
  return type;
}

const config::Type& config_type(const RateLimit*) {
  static const auto type = struct_type<RateLimit>(
      "map",
      {also_called(field("key", &RateLimit::key,
                         "whose requests share a bucket: source (an address, of IPv6 its /64), "
                         "header:NAME, or route (all)",
                         is(syntax::budget_key, "source, header:NAME, route")),
                   {"by", "per", "descriptor", "zone"}),
       also_called(field("rate", &RateLimit::rate,
                         "requests that a bucket regains in a time: 10/s, 600/m", HasRate{}),
                   {"limit", "requests", "average", "fill_rate"}),
       also_called(field("burst", &RateLimit::burst,
                         "requests at once from a full bucket; 0: those of one second, at least 1",
                         between(0, 1'000'000)),
                   {"max_tokens", "bucket", "size"}),
       also_called(field("keys", &RateLimit::keys,
                         "values of the key remembered at once, of 16 bytes each; beyond, those "
                         "with the fullest buckets are forgotten",
                         between(64, 16'777'216)),
                   {"entries", "max_keys"})});
  return type;
}

const config::Type& config_type(const RouteRetry*) {
  static const auto type = struct_type<RouteRetry>(
      "map",
      {also_called(field("attempts", &RouteRetry::attempts,
                         "in all, the first one included; 1 is no retry", between(1, 10)),
                   {"max_attempts", "retries", "tries", "count", "num_retries"}),
       also_called(field("on", &RouteRetry::on,
                         "what is tried again: connect-failure, unanswered, 5xx, gateway-error "
                         "(502, 503, 504), and status codes",
                         is(syntax::retry_cause)),
                   {"retry_on", "conditions", "retriable_status_codes"}),
       field("unanswered", &RouteRetry::unanswered,
             "which requests are sent again that reached an endpoint: any, or safe_methods",
             one_of({"any", "safe_methods"})),
       also_called(
           field("per_try_timeout", &RouteRetry::per_try_timeout,
                 "from the request sent to the first byte of the response, per attempt; 0 is none",
                 between(0s, kLongest)),
           {"try_timeout", "attempt_timeout", "timeout"}),
       also_called(
           field("backoff", &RouteRetry::backoff,
                 "before the second attempt, doubled each time, with jitter", between(0s, 1h)),
           {"base_interval", "delay"}),
       also_called(
           field("backoff_max", &RouteRetry::backoff_max, "longest backoff", between(0s, 1h)),
           {"max_backoff", "max_interval"}),
       also_called(field("body", &RouteRetry::body, "of the request body held for a retry"),
                   {"max_body", "buffer"})});
  return type;
}

const config::Type& config_type(const RouteTimeouts*) {
  static const auto type = struct_type<RouteTimeouts>(
      "map",
      {also_called(field("connect", &RouteTimeouts::connect, "to be connected to an endpoint",
                         between(1ms, 1h)),
                   {"connect_timeout", "connection"}),
       also_called(
           field("response", &RouteTimeouts::response,
                 "from the request sent to the first byte of the response", between(1ms, kLongest)),
           {"first_byte", "read", "server"}),
       also_called(field("idle", &RouteTimeouts::idle, "between two pieces of a response",
                         between(1ms, kLongest)),
                   {"idle_timeout", "stream_idle"}),
       also_called(field("request", &RouteTimeouts::request,
                         "to the first byte of the response, waiting in line and retries "
                         "included; then 504; 0 is none",
                         between(0s, kLongest)),
                   {"total", "route", "timeout"}),
       also_called(field("lifetime", &RouteTimeouts::lifetime,
                         "to the end of the response or tunnel, which is then cut; 0 is none",
                         between(0s, kLongest)),
                   {"stream", "max_stream_duration", "stream_lifetime", "max_duration"})});
  return type;
}

const config::Type& config_type(const Hedge*) {
  static const auto type = struct_type<Hedge>(
      "map",
      {also_called(field("enabled", &Hedge::enabled,
                         "true: a request without a first byte goes to a second endpoint too; the "
                         "slower one is cancelled"),
                   {"enable", "hedge_on_per_try_timeout"}),
       also_called(field("percentile", &Hedge::percentile,
                         "of the learned time to the first byte, after which the second goes",
                         between(50, 99.9)),
                   {"quantile", "after"}),
       also_called(field("budget", &Hedge::budget, "second attempts, as a share of requests",
                         between(0.001, 1)),
                   {"max_extra_load", "share"}),
       also_called(field("min_delay", &Hedge::min_delay, "a second attempt is never sooner",
                         between(0s, 1h)),
                   {"delay", "minimum"}),
       field("min_samples", &Hedge::min_samples,
             "answers that a worker must have seen before its first second attempt",
             between(1, 1'000'000))});
  return type;
}

const config::Type& config_type(const AdaptiveConcurrency*) {
  static const auto type = struct_type<AdaptiveConcurrency>(
      "map",
      {also_called(field("enabled", &AdaptiveConcurrency::enabled,
                         "true: the limit of each endpoint follows its time to the first byte"),
                   {"enable"}),
       also_called(field("min", &AdaptiveConcurrency::min, "never below", between(1, 1'000'000)),
                   {"min_limit", "min_concurrency"}),
       also_called(field("initial", &AdaptiveConcurrency::initial, "before anything is known",
                         between(1, 1'000'000)),
                   {"initial_limit", "start"}),
       also_called(field("max", &AdaptiveConcurrency::max, "never above", between(1, 1'000'000)),
                   {"max_limit", "max_concurrency_limit"}),
       also_called(field("tolerance", &AdaptiveConcurrency::tolerance,
                         "rise of the time to the first byte over that without load that is "
                         "still good",
                         between(1, 10)),
                   {"rtt_tolerance", "buffer"}),
       also_called(field("window", &AdaptiveConcurrency::window,
                         "at least, of the answers that one step is drawn from", between(1ms, 1h)),
                   {"sample_window", "concurrency_update_interval"}),
       also_called(field("probe_interval", &AdaptiveConcurrency::probe_interval,
                         "after which the latency without load is measured anew, at the minimum",
                         between(1s, 24h)),
                   {"min_rtt_interval"})});
  return type;
}

}  // namespace weir
