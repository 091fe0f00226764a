// Desired: what the user asked for. Plain values; the initialisers are the defaults.
//
// YAML, the native API and (later) the AWS forms all decode into these. The comment above a field
// is its manual entry; the tables in desired_fields.h carry it to `weir describe`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/rate.h"
#include "base/units.h"
#include "model/aws.h"
#include "model/desired_alarms.h"
#include "model/desired_notify.h"
#include "model/desired_scaling.h"
#include "model/desired_simulation.h"
#include "model/desired_tls.h"
#include "model/names.h"

namespace weir {

// ---------------------------------------------------------------- listeners

// All that are given must hold; within one of them, any value suffices.
struct Match {
  Names host;  // patterns with * and ?, case-insensitive
  Names path;  // patterns with * and ?, case-sensitive, without the query
  std::vector<std::pair<std::string, Names>> header;     // name -> patterns
  Names method;                                          // exact: GET
  std::vector<std::pair<std::string, Names>> query;      // key -> patterns
  std::vector<std::pair<std::string, Names>> query_any;  // likewise; one of the keys suffices
  Names source;                                          // CIDR blocks
  // Regular expressions (base/regex.h), each a condition of its own.
  Names host_regex;                                         // case-insensitive
  Names path_regex;                                         // case-sensitive
  std::vector<std::pair<std::string, Names>> header_regex;  // case-insensitive
  bool operator==(const Match&) const = default;
};

// Who may come in. The smallest block that holds the client's address decides, and deny where both
// name it; what no block holds comes in, unless anything is allowed by name.
struct Access {
  Names allow;  // CIDR blocks
  Names deny;
  std::string allow_file;  // one block a line; # begins a comment
  std::string deny_file;
  bool operator==(const Access&) const = default;
};

// What becomes of header lines, in this order. Values may have the placeholders of a redirect.
struct HeaderEdits {
  Names remove;
  std::vector<std::pair<std::string, std::string>> set;  // in the place of all of that name
  std::vector<std::pair<std::string, std::string>> add;  // one more line
  bool operator==(const HeaderEdits&) const = default;
};

struct Headers {
  HeaderEdits request;   // towards the endpoint
  HeaderEdits response;  // towards the client
  bool operator==(const Headers&) const = default;
};

// What the endpoint sees instead of the client's host, path and query. Texts may have the
// placeholders of a redirect, and $1 to $9 for what the stars of their pattern took.
struct Rewrite {
  std::string host;
  std::string host_pattern;  // other hosts stay as they are
  std::string path;
  std::string path_prefix;   // only this beginning of the path is replaced, at a /
  std::string path_pattern;  // other paths stay as they are
  std::string host_regex;    // only the first match is replaced; $1 to $9 are its groups
  std::string path_regex;
  std::optional<std::string> query;
  bool operator==(const Rewrite&) const = default;
};

// Copies of requests for another group, whose answers are thrown away.
struct Mirror {
  std::string group;
  double share = 1;  // of the requests
  bool operator==(const Mirror&) const = default;
};

struct Forward {
  struct Share {
    std::string group;
    std::uint32_t weight = 1;  // 0..999; 0 takes nothing
    bool operator==(const Share&) const = default;
  };
  std::vector<Share> groups;  // `forward: ocr`, or `forward: { ocr: 9, ocr_next: 1 }`
  // A client stays with its group for so long, by a cookie; 0: each request is drawn anew.
  Duration stickiness = 0s;
  bool operator==(const Forward&) const = default;
};

struct Redirect {
  // Parts left out keep the request's own.
  std::uint16_t status = 302;  // 301, 302, 303, 307 or 308
  std::string protocol;        // http or https
  std::string host;
  std::optional<std::uint16_t> port;  // 0: the request's own, also when the protocol changes
  std::string path;
  std::optional<std::string> query;
  bool operator==(const Redirect&) const = default;
};

struct Respond {
  std::uint16_t status = 200;  // 200..599
  std::string content_type = "text/plain";
  std::string body;
  bool operator==(const Respond&) const = default;
};

using Action = std::variant<Forward, Redirect, Respond>;

// A token bucket per value of its key, local to the process; above it 429.
struct RateLimit {
  std::string key = "source";  // source, header:NAME or route (one bucket for all)
  Rate rate;                   // 10/s, 600/m: tokens that come back, one a request
  std::uint32_t burst = 0;     // tokens of a full bucket; 0: those of one second, at least 1
  std::uint32_t keys = 65536;  // values remembered at once; the one that asked least goes first
  bool operator==(const RateLimit&) const = default;
};

// What a rule says otherwise than its target group.
struct RouteRetry {
  std::optional<std::uint32_t> attempts;
  std::optional<Names> on;
  std::optional<std::string> unanswered;
  std::optional<Duration> per_try_timeout;
  std::optional<Duration> backoff;
  std::optional<Duration> backoff_max;
  std::optional<Bytes> body;
  bool operator==(const RouteRetry&) const = default;
};
struct RouteTimeouts {
  std::optional<Duration> connect;
  std::optional<Duration> response;
  std::optional<Duration> idle;
  std::optional<Duration> request;
  std::optional<Duration> lifetime;
  bool operator==(const RouteTimeouts&) const = default;
};

struct Rule {
  std::string name;
  std::optional<std::int32_t> priority;  // 1..50000; by default their order in the file
  Match match;
  Action action;
  RouteRetry retry;                    // of forward: overrides the target group's, key by key
  RouteTimeouts timeouts;              // likewise
  std::string queue_class;             // of forward: one of the target group's queue.classes
  std::vector<RateLimit> rate_limits;  // all of them must have a token
  Access access;                       // 403 for others
  Headers headers;
  Rewrite rewrite;
  Mirror mirror;
  bool operator==(const Rule&) const = default;
};

struct ListenerLimits {
  Bytes head{32 * 1024};        // of the request line and headers together: 431 above
  std::uint32_t headers = 100;  // their number: 431 above
  Bytes body{0};                // of a request: 413 above; 0 is unlimited
  Duration header_time = 10s;   // for a complete request head, from its first byte
  Duration idle_time = 300s;    // of a keep-alive connection between two requests
  Duration body_idle_time =
      300s;  // between two pieces of a request body, or of a response the client takes
  // Open at once per listener; the others wait; 0 is unlimited.
  std::uint32_t connections = 0;
  std::uint32_t streams = 100;   // requests at once on one connection of HTTP/2
  Duration tcp_idle = 350s;      // layer 4: nothing moves either way; as AWS NLB
  Duration udp_idle = 120s;      // of a flow without a datagram; as AWS NLB
  std::uint32_t flows = 10'000;  // of a udp listener, per worker
  bool operator==(const ListenerLimits&) const = default;
};

struct Listener {
  Names bind;                     // 0.0.0.0:8080, [::]:8080, unix:/run/weir/public.sock
  std::string protocol = "http";  // http, https, tcp, tls, tls_passthrough, udp
  ListenerTls tls;                // of https and tls
  std::vector<Rule> rules;
  Action default_action = Respond{404, "text/plain", "no rule of this listener matches\n"};
  ListenerLimits limits;
  std::vector<RateLimit> rate_limits;  // of all requests, before the rules
  Access access;                       // others are refused at accept
  Headers headers;                     // of all its requests, before those of their rule
  // A client that shuts its sending side while it waits for an answer counts as gone, as with
  // nginx; true serves it to the end.
  bool keep_half_closed = false;
  // Connections begin with a PROXY protocol header (v1 or v2) that names the client.
  bool proxy_protocol = false;
  bool operator==(const Listener&) const = default;
};

// Connections are forwarded as they are, or decrypted (tls); none is read as HTTP.
bool is_layer4(const Listener& listener);
// Clients speak TLS with weir: https, tls.
bool is_secure(const Listener& listener);
// What a forward of this listener must lead to: http, tcp or udp.
std::string_view group_protocol(const Listener& listener);

// ---------------------------------------------------------------- target groups

struct StaticEndpoint {
  std::string address;       // 127.0.0.1:9001, [::1]:9001, host.name:9001, unix:/run/model.sock
  std::uint32_t weight = 1;  // 1..1000
  std::string zone;
  bool operator==(const StaticEndpoint&) const = default;
};

// What a hashing algorithm hashes: header:NAME, cookie:NAME, path, source, flow.
struct Algorithm {
  std::string name = "peak_ewma";
  std::string key = "source";    // ring_hash, maglev
  std::uint32_t points = 256;    // ring_hash: virtual nodes per endpoint and weight
  double balance_factor = 1.25;  // ring_hash: most in flight over the mean; 0 is unbounded
  Duration decay = 10s;          // peak_ewma: time constant of the latency average
  std::uint32_t table = 65537;   // maglev: table size, a prime
  bool operator==(const Algorithm&) const = default;
};

struct Queue {
  std::uint32_t length = 1000;    // requests in line at once; then 503 at once
  Bytes bytes{64 * 1024 * 1024};  // held for them: heads and what came of bodies
  Duration timeout = 60s;         // longest wait; then 503
  Names classes;                  // most important first; empty: first come, first served
  std::string class_header;       // names a request's class where its rule does not
  std::string default_class;      // of all others; empty: the last one
  Duration aging = 10s;           // so long a wait counts as much as one class
  bool operator==(const Queue&) const = default;
};

struct HealthCheck {
  bool enabled = true;
  // http, https, http2, grpc, tcp, or auto: by the group's protocol; http is over TLS where the
  // group is https, and in the group's own protocol_version
  std::string protocol = "auto";
  std::string path = "/";
  std::optional<std::uint16_t> port;  // by default the endpoint's own
  std::string host;                   // Host header; by default the endpoint's address
  Names codes = {"200-399"};          // what counts as healthy: codes and ranges
  std::string service;                // grpc: whose health; by default the server's as a whole
  Names grpc_codes = {"0"};           // grpc: the grpc-status that counts as healthy
  Duration interval = 5s;
  Duration timeout = 2s;
  std::uint32_t healthy = 2;    // successes in a row to come back
  std::uint32_t unhealthy = 2;  // failures in a row to leave
  bool operator==(const HealthCheck&) const = default;
};

// An endpoint that fails far more often than the others of its group, as Envoy has it.
struct SuccessRateOutlier {
  bool enabled = true;
  double stdev_factor = 1.9;         // so many standard deviations below the mean
  std::uint32_t min_endpoints = 5;   // that have answered often enough
  std::uint32_t min_requests = 100;  // answered by an endpoint in an interval
  bool operator==(const SuccessRateOutlier&) const = default;
};

// An endpoint that is far slower than the median of its group.
struct SlowOutlier {
  bool enabled = false;
  double factor = 5;                // times the median
  Duration least = 100ms;           // faster is never too slow
  std::uint32_t min_endpoints = 3;  // that have answered often enough
  std::uint32_t min_requests = 10;  // answered by an endpoint in an interval
  bool operator==(const SlowOutlier&) const = default;
};

// An endpoint from which nothing comes any more, though its health check passes.
struct HungOutlier {
  bool enabled = true;
  double factor = 3;               // times the slowest first byte that the group has lately given
  Duration least = 30s;            // no shorter silence counts
  std::uint32_t min_answers = 20;  // of the group, before it is known what is slow
  bool operator==(const HungOutlier&) const = default;
};

// Passive checks: traffic itself tells.
struct Outlier {
  bool enabled = true;
  std::uint32_t consecutive_failures = 5;  // connect failures, resets and 5xx in a row
  Duration base_ejection = 10s;            // times the number of ejections in a row
  Duration max_ejection = 300s;
  double max_ejected_share =
      0.5;                  // of the group at once; one endpoint may always go if there are two
  Duration interval = 10s;  // over which success rates and latencies are compared
  SuccessRateOutlier success_rate;
  SlowOutlier latency;
  HungOutlier hung;
  bool operator==(const Outlier&) const = default;
};

// Limits of a target group over all workers, as Envoy's; 0 is unlimited.
struct CircuitBreaker {
  std::uint32_t connections = 0;  // open to its endpoints, idle ones included
  std::uint32_t pending = 0;      // requests in line
  std::uint32_t requests = 0;     // requests at its endpoints
  std::uint32_t retries = 0;      // retries in flight
  bool operator==(const CircuitBreaker&) const = default;
};

struct Retry {
  std::uint32_t attempts = 3;      // in all, the first one included; 1 is no retry
  std::string unanswered = "any";  // any: sent but no response byte came; safe_methods narrows it
  double budget = 0.2;             // retries in flight, as a share of active requests
  std::uint32_t budget_floor = 3;  // retries in flight always allowed
  Duration backoff = 25ms;         // before the second attempt, doubled each time, with jitter
  Duration backoff_max = 1s;
  Bytes body{1024 * 1024};  // of the request body held for a retry
  // connect-failure, unanswered, 5xx, gateway-error (502, 503, 504) and status codes
  Names on = {"connect-failure", "unanswered"};
  Duration per_try_timeout = 0s;  // for a response's first byte, per attempt; 0 is none
  bool operator==(const Retry&) const = default;
};

struct Timeouts {
  Duration connect = 2s;
  Duration response = 600s;  // from the request sent to the first byte of the response
  Duration idle = 300s;      // between two pieces of a response
  Duration request = 0s;     // to the first byte of the response, all waits included; 0 is none
  Duration lifetime = 0s;    // to the end of the response; 0 is none
  bool operator==(const Timeouts&) const = default;
};

// A second attempt elsewhere when the first byte takes longer than it mostly does.
struct Hedge {
  bool enabled = false;
  double percentile = 95;           // of the time to the first byte, learned; then the second goes
  double budget = 0.05;             // second attempts, as a share of requests
  Duration min_delay = 10ms;        // never sooner
  std::uint32_t min_samples = 100;  // answers a worker must have seen first
  bool operator==(const Hedge&) const = default;
};

// Learns how many requests an endpoint takes at once before its latency rises.
struct AdaptiveConcurrency {
  bool enabled = false;
  std::uint32_t min = 1;
  std::uint32_t initial = 10;
  std::uint32_t max = 1000;
  double tolerance = 1.5;          // rise of the time to the first byte that is still good
  Duration window = 100ms;         // at least, of the answers one step is drawn from
  Duration probe_interval = 300s;  // then the latency without load is measured anew
  bool operator==(const AdaptiveConcurrency&) const = default;
};

// Sends a client to the endpoint that it was sent to before, while that is fit for traffic.
struct Stickiness {
  std::string type;         // lb_cookie, app_cookie or source_ip; empty: none
  Duration duration = 24h;  // of a cookie, from the last answer on
  std::string cookie;  // lb_cookie: weir's own, by default AWSALB; app_cookie: the application's
  bool operator==(const Stickiness&) const = default;
};

struct TargetGroup {
  std::string protocol = "http";  // what endpoints are sent: http, https (over TLS), tcp or udp
  EndpointTls tls;                // of https
  Algorithm algorithm;
  std::vector<StaticEndpoint> endpoints;
  std::uint32_t max_in_flight = 0;  // per endpoint; 0 is unlimited; the rest waits in line
  Queue queue;
  HealthCheck health_check;
  Outlier outlier;
  CircuitBreaker circuit_breaker;
  Retry retry;
  Timeouts timeouts;
  Hedge hedge;
  AdaptiveConcurrency adaptive_concurrency;
  Stickiness stickiness;
  double panic_threshold =
      0;  // healthy share below which health is ignored; 0: only when none is healthy
  double zone_panic_threshold = 0;     // the same of one zone
  std::string cross_zone = "default";  // on, off, spill; default: as the process has it
  Duration slow_start = 0s;            // a new endpoint's share of traffic grows over this time
  double slow_start_aggression = 1;    // 1: in a straight line; above 1: faster at first
  double slow_start_min_share = 0.1;   // what it begins with
  Duration deregistration_delay =
      30s;  // bounds the drain of what an operator deregisters or what is unhealthy
  Duration idle_connections = 60s;           // how long an unused connection to an endpoint is kept
  std::uint32_t max_idle_connections = 256;  // per worker and endpoint
  std::string proxy_protocol = "off";      // v1 or v2: connections begin with the client's address
  bool preserve_client_ip = false;         // connections come from the client's address
  std::string protocol_version = "HTTP1";  // HTTP1, HTTP2 or GRPC: what its endpoints are spoken to
  bool operator==(const TargetGroup&) const = default;
  // A connection to an endpoint carries one client alone.
  bool exclusive_connections() const { return preserve_client_ip || proxy_protocol != "off"; }
};
// Its endpoints speak TLS: https, tls.
bool is_secure(const TargetGroup& group);
// The protocol of its active checks, `auto` resolved.
std::string_view check_protocol(const TargetGroup& group);

// ---------------------------------------------------------------- the process

struct Admin {
  std::string bind = "127.0.0.1:9901";
  std::string socket;      // unix socket for changes; default: next to the state file
  std::string token_file;  // 0600; a bearer token that may change things over TCP
  Names hosts;             // names under which it is reached, besides localhost
  bool anonymous = false;  // AWS calls need no signature that is right; of a loopback bind alone
  bool operator==(const Admin&) const = default;
};

struct State {
  std::string path = "/var/lib/weir/state.db";
  std::string logs;  // folder of instance logs; default: logs/ next to the state file
  bool operator==(const State&) const = default;
};

struct AccessLog {
  std::string path;             // empty: none
  std::string format = "json";  // json or alb
  bool operator==(const AccessLog&) const = default;
};

struct Log {
  std::string level = "info";   // debug, info, warn, error
  std::string format = "text";  // text or json
  std::string file;             // empty: standard error
  bool operator==(const Log&) const = default;
};

struct Desired {
  std::string zone;               // where this weir is
  std::string cross_zone = "on";  // on, off or spill
  Admin admin;
  Aws aws;
  State state;
  AccessLog access_log;
  Log log;
  std::uint32_t workers = 0;          // data-plane threads; 0 is one a core
  std::string ports = "20000-29999";  // for instances; outside the kernel's ip_local_port_range
  Names devices;  // what `gpus:` is given out of, as CUDA_VISIBLE_DEVICES names them
  std::string nvidia_smi = "nvidia-smi";  // tells how busy they are; empty: nobody is asked
  Duration drain_timeout = 0s;  // at SIGTERM, bounds the wait for the last stream; 0 is none
  Simulation simulation;        // not of a running weir
  Named<Listener> listeners;
  Named<TargetGroup> target_groups;
  Named<ScalingGroup> scaling_groups;
  Named<Notification> notifications;
  Named<std::string> metrics;  // computed of others: metric_math.h
  Named<AlarmResource> alarms;
  bool operator==(const Desired&) const = default;
};

}  // namespace weir
