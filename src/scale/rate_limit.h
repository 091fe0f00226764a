// RateLimit: how fast the wishes of the policies may move a group's desired capacity. Applied to
// what combine() made of them; bounds, schedules and what a user sets do not pass here. Pure.
//
// Source: Kubernetes' HorizontalPodAutoscaler v2, "Configurable scaling behavior" (documentation
// and pkg/controller/podautoscaler/horizontal.go, stabilizeRecommendationWithBehaviors and
// calculateScaleUpLimitWithBehaviorRules). As there:
// - Stabilisation takes the most careful wish of the window: on the way out the smallest, on the
//   way in the largest. What a group had when the first wish came counts as one.
// - A limit counts from what there was when its period began. A percentage is rounded up on the
//   way out and to what is left, rounded down, on the way in. Of several limits the widest counts
//   (`max`), or the narrowest (`min`).
// Unlike there, one instance always comes where there is none: a request may wait for it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "base/clock.h"
#include "model/pace.h"

namespace weir::scale {

// What a group remembers of its wishes and changes; both no longer than the longest window that is
// asked about. Lives on one thread.
class RateLimit {
 public:
  struct Limited {
    std::uint32_t desired = 0;
    std::string note;  // a phrase that says what held it back; "" where nothing did
  };
  // `wish` instead of `from`, now. Each wish counts in the window, so it is asked about each.
  Limited limit(std::uint32_t wish, std::uint32_t from, const Pace& out, const Pace& in, Time now);
  // The policies have changed it.
  void changed(std::uint32_t from, std::uint32_t to, Time now);

 private:
  struct Wishes {  // of one second
    std::int64_t second;
    std::uint32_t least, most;
  };
  struct Change {
    Time at;
    std::int64_t by;
  };

  void remember(std::uint32_t wish, std::uint32_t from, Duration longest, Time now);
  std::uint32_t stabilized(std::uint32_t wish, std::uint32_t from, const Pace& out, const Pace& in,
                           Time now) const;
  // What may be reached in the direction of `up`.
  std::uint32_t reach(std::uint32_t from, const Pace& pace, bool up, Time now) const;

  std::deque<Wishes> wishes_;
  std::deque<Change> changes_;
};

}  // namespace weir::scale
