// TokenBuckets: a token bucket for each value of a key, shared by all workers without a lock.
//
// A bucket is one number, the time at which it will be full again (the generic cell rate algorithm,
// ITU-T I.371): a full bucket is a time that has passed, which is the same as no bucket at all. So
// nothing is ever swept: the table has a fixed size, sets of four, and a newcomer takes the place
// of the bucket that is or will be full first.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "model/desired.h"

namespace weir::admit {

// Any thread. Where two workers put different keys into one place at the same moment, one of them
// may find one token more or less than is true; no bucket is ever emptied for ever.
class TokenBuckets {
 public:
  explicit TokenBuckets(const RateLimit& options);

  struct Answer {
    bool allowed = false;
    std::uint32_t left = 0;   // tokens after this
    Duration retry_after{0};  // until the next token, where there was none
    Duration full_after{0};   // until the bucket is full again
  };
  // Takes a token out of the bucket of `key`, a hash.
  Answer take(std::uint64_t key, Time now);

  std::uint32_t burst() const { return burst_; }
  // How long an empty bucket takes to be full.
  Duration filled_in() const { return Duration(step_ * burst_); }
  std::size_t places() const { return (mask_ + 1) * kWays; }

 private:
  static constexpr std::size_t kWays = 4;
  struct Place {
    std::atomic<std::uint64_t> key{0};
    std::atomic<std::int64_t> full_at{0};  // Time in ns
  };
  struct alignas(64) Set {
    Place places[kWays];
  };
  Place& find(std::uint64_t key);

  std::int64_t step_;  // ns a token takes to come back
  std::uint32_t burst_;
  std::size_t mask_;
  std::unique_ptr<Set[]> sets_;
};

}  // namespace weir::admit
