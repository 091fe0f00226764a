// Load: live counters of one endpoint, and of one group. The only state that workers share.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace weir {

enum class Health : std::uint8_t {
  starting,  // not checked yet: takes no traffic until its first success
  healthy,
  unhealthy,  // active checks failed
};

// Why traffic took an endpoint out.
enum class Ejected : std::uint8_t { failures, success_rate, latency, hung };

// Any thread; relaxed unless said. Carried over between snapshots by EndpointId. What choosing an
// endpoint reads is one cache line; what is only noted for later judgement is another.
// Whoever takes a slot raises in_flight by compare-and-swap below the group's max_in_flight; it
// counts requests that are still connecting too.
struct alignas(64) Load {
  std::atomic<std::uint32_t> in_flight{0};
  std::atomic<Health> health{Health::starting};
  std::atomic<bool> draining{false};              // takes nothing new
  std::atomic<std::uint16_t> failures{0};         // consecutive, seen by traffic
  std::atomic<std::uint16_t> ejections{0};        // in a row, decides the length of the next one
  std::atomic<std::uint16_t> connecting{0};       // of in_flight: no connection yet
  std::atomic<std::uint32_t> limit{0};            // learned most in flight; 0: none yet
  std::atomic<std::int64_t> ejected_until{0};     // Time in ns; 0 is not ejected
  std::atomic<std::int64_t> in_service_since{0};  // Time in ns of the last turn to healthy
  std::atomic<double> latency{0};                 // peak EWMA of latency in seconds; 0 is unknown
  std::atomic<std::int64_t> latency_stamp{0};     // Time in ns of its last update

  alignas(64) std::atomic<std::uint32_t> answers{0};    // requests that were judged; wraps around
  std::atomic<std::uint32_t> errors{0};                 // of them: the endpoint's fault
  std::atomic<double> first_byte{0};                    // average in seconds; 0 is unknown
  std::atomic<std::int64_t> last_byte{0};               // Time in ns, give or take 50 ms
  std::atomic<Ejected> ejected_for{Ejected::failures};  // the last time
};
static_assert(sizeof(Load) == 128);

// So many zones are told apart by a group; 0 is none.
inline constexpr std::size_t kZones = 32;

// Any thread. One per target group, kept across snapshots by name: what the autoscaler reads.
struct alignas(64) GroupLoad {
  std::atomic<std::uint32_t> waiting{0};    // requests in the waiting room
  std::atomic<std::uint32_t> in_flight{0};  // requests that hold a slot
  std::atomic<std::uint32_t> retrying{0};   // of them: second and later attempts
  std::atomic<std::uint32_t> resting{0};    // before a retry: neither waiting nor in flight
  std::atomic<std::uint32_t> failed_retries{
      0};                                     // 1 when the last retry failed like its first attempt
  std::atomic<std::uint64_t> arrivals{0};     // requests forwarded to this group so far
  std::atomic<std::int64_t> last_arrival{0};  // Time in ns
  // True while too few endpoints are healthy: health and ejection are ignored (fail open).
  std::atomic<bool> panic{false};
  std::atomic<std::uint32_t> connections{0};  // open to its endpoints
  std::atomic<double> slowest{0};             // first byte lately, in seconds; fades (judge/hung.h)
  std::atomic<std::int64_t> hung_after{0};    // ns of silence that mean hung; 0: not known yet
  std::atomic<std::uint32_t> zone_panic{0};   // a bit for each zone that fails open
  std::array<std::atomic<std::uint16_t>, kZones> zone_shares{};  // of 65535, with cross_zone: spill
};

// Any thread. One per listener, kept across snapshots by name.
struct alignas(64) ListenerLoad {
  std::atomic<std::uint32_t> connections{0};  // open now, over all workers
};

inline std::int64_t ns(Time t) { return t.time_since_epoch().count(); }

}  // namespace weir
