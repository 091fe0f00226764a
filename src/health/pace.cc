#include "health/pace.h"

#include <algorithm>

namespace weir::health {
namespace {

constexpr Duration kShortest = 20ms;
constexpr Duration kLongestOfInstance = 250ms;
constexpr Duration kLeast = 1ms;
constexpr int kShareOfStart = 16;
constexpr double kJitter = 0.1;

Duration times(Duration d, double factor) {
  return Duration(static_cast<std::int64_t>(static_cast<double>(d.count()) * factor));
}

}  // namespace

Time Pace::next(Health health, const HealthCheck& options, bool instance, Time began, Time now,
                Random& random) {
  if (health == Health::starting) {
    if (starting_since_ == kNever) starting_since_ = began;
    spread_ = false;
    const Duration longest =
        instance ? std::min(kLongestOfInstance, options.interval) : options.interval;
    return now + std::clamp((now - starting_since_) / kShareOfStart, kShortest,
                            std::max(kShortest, longest));
  }
  starting_since_ = kNever;
  const double part = spread_ ? 1 - kJitter + 2 * kJitter * random.unit() : random.unit();
  spread_ = true;
  // A check that took as long as the interval is followed by the next at once.
  return std::max(now + kLeast, began + times(options.interval, part));
}

}  // namespace weir::health
