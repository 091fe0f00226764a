// The tables of target groups.
#include <fmt/format.h>

#include "config/field.h"
#include "model/desired_fields.h"
#include "model/desired_syntax.h"

namespace weir {

using config::above_zero;
using config::also_called;
using config::between;
using config::field;
using config::is;
using config::later;
using config::one_of;
using config::required;
using config::struct_type;
using config::Verdict;

namespace {

std::string retry_causes() {
  return "connect-failure, unanswered, 5xx, gateway-error or codes from 400 to 599";
}

Verdict check_protocol(const std::string& text) {
  for (const std::string_view good : {"http", "https", "http2", "grpc", "tcp", "auto"}) {
    if (text == good) return std::nullopt;
  }
  for (const std::string_view known : {"tls", "udp"}) {
    if (text == known) {
      return config::Complaint{
          fmt::format("health check protocol {} is not built yet", text),
          "it arrives with a later version; write http, https, http2, grpc or tcp until then"};
    }
  }
  return config::Complaint{fmt::format("unknown protocol '{}'", config::shorten(text)),
                           "write http, https, http2, grpc or tcp"};
}

Verdict group_protocol(const std::string& text) {
  for (const std::string_view good : {"http", "https", "tcp", "tls", "udp"}) {
    if (text == good) return std::nullopt;
  }
  for (const std::string_view known : {"tcp_udp", "grpc", "h2", "h2c"}) {
    if (text == known) {
      return config::Complaint{
          fmt::format("target group protocol {} is not built yet", text),
          "it arrives with a later version; write http, https, tcp, tls or udp until then"};
    }
  }
  return config::Complaint{fmt::format("unknown protocol '{}'", config::shorten(text)),
                           "write http, https, tcp, tls or udp"};
}

Verdict check_grpc_code(const std::string& text) {
  const auto dash = text.find('-');
  const auto number = [](std::string_view digits) {
    return !digits.empty() && digits.size() <= 2 &&
           digits.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const std::string_view whole = text;
  if (number(whole.substr(0, dash)) &&
      (dash == std::string::npos || number(whole.substr(dash + 1)))) {
    return std::nullopt;
  }
  return config::Complaint{fmt::format("'{}' is not a grpc-status", config::shorten(text)),
                           "write a code or a range from 0 to 99: 0 or 0-12"};
}

}  // namespace

const config::Type& config_type(const Queue*) {
  static const auto type = struct_type<Queue>(
      "map",
      {also_called(field("length", &Queue::length,
                         "requests in line at once; above it 503 at once; 0: none may wait",
                         between(0, 1'000'000)),
                   {"size", "max", "max_length", "limit", "depth"}),
       also_called(field("bytes", &Queue::bytes, "held for them: heads and what came of bodies"),
                   {"max_bytes"}),
       also_called(field("timeout", &Queue::timeout, "longest wait; then 503", above_zero(),
                         between(0s, kLongest)),
                   {"max_wait", "wait"}),
       also_called(field("classes", &Queue::classes,
                         "priority classes of those in line, the most important first; empty: "
                         "first come, first served",
                         is(syntax::resource_name)),
                   {"priorities", "priority", "levels"}),
       also_called(field("class_header", &Queue::class_header,
                         "the request header that names its class, where its rule does not",
                         is(syntax::header_name)),
                   {"priority_header", "header"}),
       also_called(field("default_class", &Queue::default_class,
                         "the class of all others; by default the last one"),
                   {"default", "default_priority"}),
       also_called(field("aging", &Queue::aging,
                         "waiting so long counts as much as being one class higher, so that no "
                         "class starves",
                         between(1ms, kLongest)),
                   {"age"})});
  return type;
}

const config::Type& config_type(const HealthCheck*) {
  static const auto type = struct_type<HealthCheck>(
      "map",
      {also_called(field("enabled", &HealthCheck::enabled,
                         "false: every endpoint counts as healthy until traffic tells otherwise"),
                   {"enable", "active"}),
       also_called(field("protocol", &HealthCheck::protocol,
                         "how to ask; auto is http for a group of http or https, else tcp; http "
                         "asks in the group's own protocol_version, over TLS where the group's "
                         "protocol is https",
                         is(check_protocol, "auto, http, https, http2, grpc, tcp")),
                   {"type", "kind"}),
       also_called(field("path", &HealthCheck::path, "what to GET", required("path: /"),
                         is(syntax::url_path)),
                   {"url", "uri", "endpoint"}),
       field("port", &HealthCheck::port, "by default the endpoint's own", between(1, 65535)),
       field("host", &HealthCheck::host, "the Host header; by default the endpoint's address"),
       also_called(
           field("codes", &HealthCheck::codes, "status codes and ranges that count as healthy",
                 required("codes: 200-399"), is(syntax::health_code)),
           {"matcher", "status", "status_codes", "code", "success_codes", "expect",
            "expected_status"}),
       field("service", &HealthCheck::service,
             "grpc: the service whose health is asked; by default the server's as a whole"),
       also_called(field("grpc_codes", &HealthCheck::grpc_codes,
                         "grpc: codes and ranges of grpc-status that count as healthy",
                         required("grpc_codes: 0"), is(check_grpc_code)),
                   {"grpc_code", "grpc_status"}),
       also_called(field("interval", &HealthCheck::interval, "between two checks of an endpoint",
                         between(10ms, 24h)),
                   {"period", "every", "interval_seconds", "check_interval", "inter"}),
       also_called(field("timeout", &HealthCheck::timeout, "for an answer", between(1ms, 24h)),
                   {"timeout_seconds"}),
       also_called(field("healthy", &HealthCheck::healthy, "successes in a row to come back",
                         between(1, 100)),
                   {"healthy_threshold", "rise", "success_threshold", "healthy_threshold_count"}),
       also_called(field("unhealthy", &HealthCheck::unhealthy, "failures in a row to leave",
                         between(1, 100)),
                   {"unhealthy_threshold", "fall", "failure_threshold", "unhealthy_threshold_count",
                    "retries"})});
  return type;
}

const config::Type& config_type(const SuccessRateOutlier*) {
  static const auto type = struct_type<SuccessRateOutlier>(
      "map",
      {field("enabled", &SuccessRateOutlier::enabled, "false: success rates take nobody out"),
       also_called(field("stdev_factor", &SuccessRateOutlier::stdev_factor,
                         "out goes who is so many standard deviations below the mean of the group",
                         between(0, 10)),
                   {"success_rate_stdev_factor", "factor"}),
       also_called(field("min_endpoints", &SuccessRateOutlier::min_endpoints,
                         "that have answered often enough; with fewer nobody is taken out",
                         between(2, 10000)),
                   {"success_rate_minimum_hosts", "minimum_hosts"}),
       also_called(field("min_requests", &SuccessRateOutlier::min_requests,
                         "an endpoint must have answered in an interval to be compared",
                         between(1, 1'000'000)),
                   {"success_rate_request_volume", "request_volume"})});
  return type;
}

const config::Type& config_type(const SlowOutlier*) {
  static const auto type = struct_type<SlowOutlier>(
      "map",
      {field("enabled", &SlowOutlier::enabled, "true: slowness takes endpoints out"),
       field("factor", &SlowOutlier::factor,
             "out goes whose average time to the first byte, or to the end, is so many times the "
             "median of the group",
             between(1.1, 1000)),
       field("least", &SlowOutlier::least, "who is faster than this is never too slow",
             between(0s, 24h)),
       field("min_endpoints", &SlowOutlier::min_endpoints,
             "that have answered often enough; with fewer nobody is taken out", between(2, 10000)),
       field("min_requests", &SlowOutlier::min_requests,
             "an endpoint must have answered in an interval to be compared",
             between(1, 1'000'000))});
  return type;
}

const config::Type& config_type(const HungOutlier*) {
  static const auto type = struct_type<HungOutlier>(
      "map",
      {field("enabled", &HungOutlier::enabled, "false: silence takes nobody out"),
       field("factor", &HungOutlier::factor,
             "times the slowest first byte that the group has lately given: a silence this long "
             "with a request waiting means hung",
             between(1.1, 1000)),
       field("least", &HungOutlier::least, "no shorter silence means hung", between(10ms, 24h)),
       field("min_answers", &HungOutlier::min_answers,
             "of the group, before it is known what is slow", between(1, 1'000'000))});
  return type;
}

const config::Type& config_type(const CircuitBreaker*) {
  static const auto type = struct_type<CircuitBreaker>(
      "map",
      {also_called(field("connections", &CircuitBreaker::connections,
                         "open to the endpoints of the group, idle ones included; above it 503",
                         between(0, 10'000'000)),
                   {"max_connections"}),
       also_called(
           field("pending", &CircuitBreaker::pending,
                 "requests in line; above it 503, as with queue.length", between(0, 10'000'000)),
           {"max_pending_requests", "max_pending"}),
       also_called(field("requests", &CircuitBreaker::requests,
                         "requests at the endpoints of the group; above it 503, and none waits",
                         between(0, 10'000'000)),
                   {"max_requests"}),
       also_called(
           field("retries", &CircuitBreaker::retries,
                 "retries in flight, beside what the retry budget allows", between(0, 10'000'000)),
           {"max_retries"})});
  return type;
}

const config::Type& config_type(const Outlier*) {
  static const auto type = struct_type<Outlier>(
      "map",
      {field("enabled", &Outlier::enabled, "false: traffic never takes an endpoint out"),
       also_called(field("consecutive_failures", &Outlier::consecutive_failures,
                         "connect failures, resets and 5xx in a row that take an endpoint out",
                         between(1, 10000)),
                   {"max_fails", "consecutive_errors", "consecutive_5xx", "failures"}),
       also_called(field("base_ejection", &Outlier::base_ejection,
                         "how long it stays out, times the number of ejections in a row",
                         between(1ms, 24h)),
                   {"base_ejection_time", "fail_timeout", "ejection_time"}),
       also_called(
           field("max_ejection", &Outlier::max_ejection, "at most this long", between(1ms, 24h)),
           {"max_ejection_time"}),
       also_called(field("max_ejected_share", &Outlier::max_ejected_share,
                         "of the group at once; one endpoint may always go if there are two",
                         between(0, 1)),
                   {"max_ejection_percent", "max_ejected", "max_ejected_percent"}),
       field("interval", &Outlier::interval, "over which success rates and latencies are compared",
             between(10ms, 24h)),
       field("success_rate", &Outlier::success_rate,
             "takes out who fails far more often than the others of the group"),
       also_called(field("latency", &Outlier::latency,
                         "takes out who is far slower than the median of the group"),
                   {"slow", "response_time"}),
       field("hung", &Outlier::hung,
             "takes out who falls silent with requests at it, though its health check passes")});
  return type;
}

const config::Type& config_type(const Retry*) {
  static const auto type = struct_type<Retry>(
      "map",
      {also_called(field("attempts", &Retry::attempts,
                         "in all, the first one included; 1 is no retry", between(1, 10)),
                   {"max_attempts", "retries", "tries", "count", "num_retries"}),
       also_called(field("unanswered", &Retry::unanswered,
                         "which requests are sent again that got no response byte: any, or "
                         "safe_methods",
                         one_of({"any", "safe_methods"})),
                   {"idempotent", "methods"}),
       also_called(field("on", &Retry::on,
                         "what is tried again: connect-failure, unanswered, 5xx, gateway-error "
                         "(502, 503, 504), and status codes such as 429",
                         is(syntax::retry_cause, retry_causes())),
                   {"retry_on", "conditions", "retriable_status_codes"}),
       field("budget", &Retry::budget, "retries in flight, as a share of active requests",
             between(0, 1)),
       field("budget_floor", &Retry::budget_floor, "retries in flight that are always allowed",
             between(0, 100'000)),
       also_called(
           field("backoff", &Retry::backoff,
                 "before the second attempt, doubled each time, with jitter", between(0s, 1h)),
           {"base_interval", "delay"}),
       also_called(field("backoff_max", &Retry::backoff_max, "longest backoff", between(0s, 1h)),
                   {"max_backoff", "max_interval"}),
       also_called(field("per_try_timeout", &Retry::per_try_timeout,
                         "from the request sent to the first byte of the response, per attempt; "
                         "0 is timeouts.response alone",
                         between(0s, kLongest)),
                   {"try_timeout", "attempt_timeout", "timeout"}),
       also_called(field("body", &Retry::body, "of the request body held for a retry"),
                   {"max_body", "buffer"})});
  return type;
}

const config::Type& config_type(const Timeouts*) {
  static const auto type = struct_type<Timeouts>(
      "map", {also_called(field("connect", &Timeouts::connect, "to be connected to an endpoint",
                                between(1ms, 1h)),
                          {"connect_timeout", "connection"}),
              also_called(field("response", &Timeouts::response,
                                "from the request sent to the first byte of the response",
                                between(1ms, kLongest)),
                          {"first_byte", "read", "server"}),
              also_called(field("idle", &Timeouts::idle, "between two pieces of a response",
                                between(1ms, kLongest)),
                          {"idle_timeout", "stream_idle"}),
              also_called(field("request", &Timeouts::request,
                                "from the request read to the first byte of its response, waiting "
                                "in line and retries included; then 504; 0 is none",
                                between(0s, kLongest)),
                          {"total", "route", "timeout"}),
              also_called(field("lifetime", &Timeouts::lifetime,
                                "from the request read to the end of its response or tunnel, "
                                "which is then cut; 0 is none",
                                between(0s, kLongest)),
                          {"stream", "max_stream_duration", "stream_lifetime", "max_duration"})});
  return type;
}

const config::Type& config_type(const TargetGroup*) {
  static const auto type = struct_type<TargetGroup>(
      "map",
      {field("protocol", &TargetGroup::protocol,
             "what its endpoints are sent: requests (http; https: over TLS), bytes (tcp) or "
             "datagrams (udp)",
             is(group_protocol, "http, https, tcp, tls, udp")),
       also_called(field("tls", &TargetGroup::tls, "of https: trust in the endpoints"),
                   {"ssl", "tls_options"}),
       also_called(field("algorithm", &TargetGroup::algorithm,
                         "how an endpoint is chosen: least_request, maglev, peak_ewma, random, "
                         "ring_hash, round_robin or weighted_round_robin"),
                   {"balance", "lb_policy", "load_balancing", "load_balancing_algorithm_type",
                    "strategy", "balancer", "lb"}),
       also_called(field("protocol_version", &TargetGroup::protocol_version,
                         "how endpoints are spoken to: HTTP1, HTTP2, or GRPC, which is HTTP2 with "
                         "gRPC health checks",
                         one_of({"HTTP1", "HTTP2", "GRPC"})),
                   {"http_version", "version"}),
       also_called(field("endpoints", &TargetGroup::endpoints,
                         "fixed addresses; instances of a scaling group are added to them"),
                   {"targets", "servers", "backends", "upstreams", "hosts", "members", "addresses",
                    "nodes"}),
       also_called(field("max_in_flight", &TargetGroup::max_in_flight,
                         "requests per endpoint at once; the rest waits in line; 0 is unlimited",
                         between(0, 1'000'000)),
                   {"max_concurrency", "concurrency", "max_conns", "maxconn", "max_requests",
                    "parallel", "max_connections"}),
       also_called(field("queue", &TargetGroup::queue, "the waiting room in front of the group"),
                   {"waiting_room", "max_queue"}),
       also_called(field("health_check", &TargetGroup::health_check, "active checks"),
                   {"health", "healthcheck", "check", "checks", "probe", "health_checks",
                    "readiness_probe"}),
       also_called(field("outlier", &TargetGroup::outlier, "passive checks: traffic itself tells"),
                   {"outlier_detection", "passive_health_check"}),
       also_called(field("circuit_breaker", &TargetGroup::circuit_breaker,
                         "limits over all endpoints and workers; 0 is unlimited"),
                   {"circuit_breakers", "thresholds"}),
       also_called(field("retry", &TargetGroup::retry, "sending again what was not answered"),
                   {"retries", "retry_policy"}),
       also_called(field("timeouts", &TargetGroup::timeouts, "towards an endpoint"), {"timeout"}),
       also_called(field("hedge", &TargetGroup::hedge,
                         "a second attempt elsewhere when the first byte is late"),
                   {"hedging", "hedge_policy"}),
       also_called(field("adaptive_concurrency", &TargetGroup::adaptive_concurrency,
                         "learns how many requests an endpoint takes at once; max_in_flight "
                         "remains the most"),
                   {"adaptive", "concurrency_limit", "gradient", "adaptive_limit"}),
       also_called(field("stickiness", &TargetGroup::stickiness,
                         "sends a client to the endpoint that it was sent to before"),
                   {"session", "sticky", "session_affinity", "affinity", "persistence"}),
       field("panic_threshold", &TargetGroup::panic_threshold,
             "healthy share below which health is ignored; 0: only when none is healthy",
             between(0, 1)),
       field("zone_panic_threshold", &TargetGroup::zone_panic_threshold,
             "the same of one zone: with cross_zone: off its health is ignored, else it takes no "
             "traffic while another zone is better",
             between(0, 1)),
       also_called(field("cross_zone", &TargetGroup::cross_zone,
                         "on: all zones alike; off: this weir's zone alone; spill: this weir's "
                         "zone while its capacity suffices; default: as the process has it",
                         one_of({"default", "on", "off", "spill"})),
                   {"cross_zone_enabled", "cross_zone_load_balancing"}),
       field("slow_start", &TargetGroup::slow_start,
             "a new endpoint's share of traffic grows over this time", between(0s, 24h)),
       also_called(field("slow_start_aggression", &TargetGroup::slow_start_aggression,
                         "1: in a straight line; above 1: faster at first, below 1: slower",
                         between(0.1, 10)),
                   {"aggression"}),
       field("slow_start_min_share", &TargetGroup::slow_start_min_share,
             "of its full traffic, which a new endpoint gets at once", between(0, 1)),
       also_called(
           field("deregistration_delay", &TargetGroup::deregistration_delay,
                 "bounds the drain of what an operator deregisters or what is unhealthy",
                 between(0s, 24h)),
           {"drain_timeout", "connection_draining", "drain", "deregistration_delay_timeout"}),
       also_called(field("idle_connections", &TargetGroup::idle_connections,
                         "how long an unused connection to an endpoint is kept", between(0s, 24h)),
                   {"keepalive", "keep_alive"}),
       field("max_idle_connections", &TargetGroup::max_idle_connections,
             "kept unused, per worker and endpoint", between(0, 100'000)),
       also_called(field("proxy_protocol", &TargetGroup::proxy_protocol,
                         "v1 or v2: a connection to an endpoint begins with a PROXY protocol "
                         "header that names the client, and serves that client alone; off",
                         one_of({"off", "v1", "v2"})),
                   {"send_proxy", "send_proxy_v2"}),
       also_called(field("preserve_client_ip", &TargetGroup::preserve_client_ip,
                         "connections to endpoints come from the client's own address; weir needs "
                         "CAP_NET_RAW or CAP_NET_ADMIN for it, and the way back must lead through "
                         "this machine"),
                   {"transparent", "preserve_source_ip", "usesrc"})});
  return type;
}

}  // namespace weir
