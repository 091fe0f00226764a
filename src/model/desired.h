// Desired: what the user asked for. Plain values; the initialisers are the defaults.
//
// YAML, the native API and (later) the AWS forms all decode into these. The comment above a field
// is its manual entry; the tables in desired_fields.h carry it to `weir describe`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/units.h"

namespace weir {

using Names = std::vector<std::string>;
// Ordered, so that files, exports and differences read the same each time.
template <class T>
using Named = std::map<std::string, T>;

// ---------------------------------------------------------------- listeners

// All that are given must hold; within one of them, any value suffices.
struct Match {
  Names host;  // patterns with * and ?, case-insensitive
  Names path;  // patterns with * and ?, case-sensitive, without the query
  std::vector<std::pair<std::string, Names>> header;  // name -> patterns
  Names method;                                       // exact: GET
  std::vector<std::pair<std::string, Names>> query;   // key -> patterns
  Names source;                                       // CIDR blocks
  bool operator==(const Match&) const = default;
};

struct Forward {
  struct Share {
    std::string group;
    std::uint32_t weight = 1;  // 0..999; 0 takes nothing
    bool operator==(const Share&) const = default;
  };
  std::vector<Share> groups;  // `forward: ocr`, or `forward: { ocr: 9, ocr_next: 1 }`
  bool operator==(const Forward&) const = default;
};

struct Redirect {
  // Parts left out keep the request's own.
  std::uint16_t status = 302;  // 301, 302, 303, 307 or 308
  std::string protocol;        // http or https
  std::string host;
  std::optional<std::uint16_t> port;
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

struct Rule {
  std::string name;
  std::optional<std::int32_t> priority;  // 1..50000; by default their order in the file
  Match match;
  Action action;
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
  std::uint32_t connections = 0;  // open at once per listener; 0 is unlimited
  bool operator==(const ListenerLimits&) const = default;
};

struct Listener {
  Names bind;  // 0.0.0.0:8080, [::]:8080, unix:/run/weir/public.sock
  std::string protocol = "http";
  std::vector<Rule> rules;
  Action default_action = Respond{404, "text/plain", "no rule of this listener matches\n"};
  ListenerLimits limits;
  // A client that shuts its sending side while it waits for an answer counts as gone, as with
  // nginx; true serves it to the end.
  bool keep_half_closed = false;
  bool operator==(const Listener&) const = default;
};

// ---------------------------------------------------------------- target groups

struct StaticEndpoint {
  std::string address;       // 127.0.0.1:9001, [::1]:9001, host.name:9001, unix:/run/model.sock
  std::uint32_t weight = 1;  // 1..1000
  std::string zone;
  bool operator==(const StaticEndpoint&) const = default;
};

// What a hashing algorithm hashes: header:NAME, cookie:NAME, path, source.
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
  bool operator==(const Queue&) const = default;
};

struct HealthCheck {
  bool enabled = true;
  std::string protocol = "http";  // http or tcp
  std::string path = "/";
  std::optional<std::uint16_t> port;  // by default the endpoint's own
  std::string host;                   // Host header; by default the endpoint's address
  Names codes = {"200-399"};          // what counts as healthy: codes and ranges
  Duration interval = 5s;
  Duration timeout = 2s;
  std::uint32_t healthy = 2;    // successes in a row to come back
  std::uint32_t unhealthy = 2;  // failures in a row to leave
  bool operator==(const HealthCheck&) const = default;
};

// Passive checks: traffic itself tells.
struct Outlier {
  bool enabled = true;
  std::uint32_t consecutive_failures = 5;  // connect failures, resets and 5xx in a row
  Duration base_ejection = 10s;            // times the number of ejections in a row
  Duration max_ejection = 300s;
  double max_ejected_share =
      0.5;  // of the group at once; one endpoint may always go if there are two
  bool operator==(const Outlier&) const = default;
};

struct Retry {
  std::uint32_t attempts = 3;      // in all, the first one included; 1 is no retry
  std::string unanswered = "any";  // any: sent but no response byte came; safe_methods narrows it
  double budget = 0.2;             // retries in flight, as a share of active requests
  std::uint32_t budget_floor = 3;  // retries in flight always allowed
  Duration backoff = 25ms;         // before the second attempt, doubled each time, with jitter
  Duration backoff_max = 1s;
  Bytes body{1024 * 1024};  // of the request body held for a retry
  bool operator==(const Retry&) const = default;
};

struct Timeouts {
  Duration connect = 2s;
  Duration response = 600s;  // from the request sent to the first byte of the response
  Duration idle = 300s;      // between two pieces of a response
  bool operator==(const Timeouts&) const = default;
};

struct TargetGroup {
  Algorithm algorithm;
  std::vector<StaticEndpoint> endpoints;
  std::uint32_t max_in_flight = 0;  // per endpoint; 0 is unlimited; the rest waits in line
  Queue queue;
  HealthCheck health_check;
  Outlier outlier;
  Retry retry;
  Timeouts timeouts;
  double panic_threshold =
      0;  // healthy share below which health is ignored; 0: only when none is healthy
  Duration slow_start = 0s;  // a new endpoint's share of traffic grows over this time
  Duration deregistration_delay =
      30s;  // bounds the drain of what an operator deregisters or what is unhealthy
  Duration idle_connections = 60s;           // how long an unused connection to an endpoint is kept
  std::uint32_t max_idle_connections = 256;  // per worker and endpoint
  bool operator==(const TargetGroup&) const = default;
};

// ---------------------------------------------------------------- scaling groups

// What an instance is. The provider `process` starts a command.
struct Launch {
  std::string provider = "process";
  Names command;  // argv; ${WEIR_PORT}, ${WEIR_INSTANCE} are replaced
  Named<std::string> environment;
  std::string directory;          // working directory; default: weir's own
  std::string user;               // default: weir's own
  double cpus = 0;                // 0 is unlimited
  Bytes memory{0};                // 0 is unlimited
  std::uint32_t processes = 0;    // most processes and threads; 0 is unlimited
  std::uint32_t gpus = 0;         // devices given by CUDA_VISIBLE_DEVICES
  Duration stop_grace = 30s;      // between SIGTERM and SIGKILL, once the last stream has ended
  Duration start_timeout = 600s;  // to become healthy; then it is replaced
  std::string zone;
  bool operator==(const Launch&) const = default;
};

struct TargetTracking {
  // in_flight_per_endpoint (the waiting included), requests_per_second_per_endpoint,
  // latency_p50, latency_p90, latency_p95, latency_p99 (seconds), cpu_percent, memory_percent
  std::string metric;
  double target = 0;
  double tolerance = 0.1;  // no action while metric/target is within 1 +- this
  Duration scale_in_cooldown = 60s;
  bool scale_in = true;
  bool operator==(const TargetTracking&) const = default;
};

struct Policy {
  std::string kind = "target_tracking";
  TargetTracking target_tracking;
  bool operator==(const Policy&) const = default;
};

struct ScalingGroup {
  Names target_groups;
  Launch launch;
  std::uint32_t min = 0;
  std::uint32_t max = 1;
  std::optional<std::uint32_t> desired;  // at first; afterwards the autoscaler's or `weir scale`'s
  Duration warm_up = 0s;                 // after becoming healthy, before it counts in metrics
  Duration idle_timeout = 300s;          // with min 0: without a request this long, to zero
  std::optional<Duration> drain_limit;   // bounds the wait for the last stream; default: none
  std::vector<Policy> policies;
  bool operator==(const ScalingGroup&) const = default;
};

// ---------------------------------------------------------------- the process

struct Admin {
  std::string bind = "127.0.0.1:9901";
  std::string socket;      // unix socket for changes; default: next to the state file
  std::string token_file;  // 0600; a bearer token that may change things over TCP
  Names hosts;             // names under which it is reached, besides localhost
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
  Admin admin;
  State state;
  AccessLog access_log;
  Log log;
  std::uint32_t workers = 0;          // data-plane threads; 0 is one a core
  std::string ports = "20000-29999";  // for instances; outside the kernel's ip_local_port_range
  Names devices;                // what `gpus:` is given out of, as CUDA_VISIBLE_DEVICES names them
  Duration drain_timeout = 0s;  // at SIGTERM, bounds the wait for the last stream; 0 is none
  Named<Listener> listeners;
  Named<TargetGroup> target_groups;
  Named<ScalingGroup> scaling_groups;
  bool operator==(const Desired&) const = default;
};

}  // namespace weir
