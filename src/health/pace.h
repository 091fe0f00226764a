// Pace: when an endpoint is checked next. Pure.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "model/desired.h"
#include "model/load.h"

namespace weir::health {

// One endpoint's. While it is starting it is asked often, so that its first request waits for it
// and not for us: at first every 20 ms, then ever less often, so that the delay stays a sixteenth
// of the time it has taken to start; an instance at least every 250 ms, a static endpoint, which
// nobody may be starting, at least every interval.
//
// Afterwards every interval from start to start, 10 % more or less by chance; the first such pause
// is anything up to an interval, so that endpoints that came together are not checked together.
class Pace {
 public:
  // A check began at `began` and ended at `now`, and left the endpoint in `health`.
  Time next(Health health, const HealthCheck& options, bool instance, Time began, Time now,
            Random& random);

 private:
  Time starting_since_ = kNever;  // kNever: it is not
  bool spread_ = false;
};

}  // namespace weir::health
