// Policy: decides a desired capacity from facts and series. Pure: the same inputs, the same wish.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/desired.h"
#include "scale/facts.h"
#include "scale/learned.h"
#include "scale/series.h"

namespace weir::scale {

// A wish, before limits, warm-up and the other policies have their say (engine.h).
struct Decision {
  // Above facts.desired: out. Below: in. Equal: stay. Nothing: it cannot tell, so no action.
  std::optional<std::uint32_t> desired;
  // A clause in the past tense that can follow "At 06:25 ": what was seen, against what.
  std::string reason;
  // Whether others may scale in although this one does not wish it (`scale_in: false`).
  bool blocks_scale_in = true;
  // It grows because of a standing line: remembered as GroupFacts::last_line.
  bool for_the_line = false;
  // Whoever scales in leaves at least so many.
  std::optional<std::uint32_t> floor{};
};

// Other bounds or another capacity, from a moment on until the next such moment.
struct Firing {
  WallTime at{};  // when it was, the last time
  std::optional<std::uint32_t> min, max, desired;
  std::string reason;  // a clause in the past tense
};

// A line that stands this long is no chance: the capacity does not suffice.
inline constexpr Duration kStanding = 700ms;

// A group at zero with somebody waiting: at least one instance.
Decision wake(const GroupFacts& facts, std::uint32_t wanted = 1);

class Policy {
 public:
  virtual ~Policy() = default;
  virtual std::string_view kind() const = 0;
  // Asked each second, when a queue starts, and when it has stood for kStanding.
  virtual Decision decide(const GroupFacts& facts, const Series& series, Time now) const = 0;
  // Of those that act at times: what was last due, and when something will be due again.
  virtual std::optional<Firing> fired(WallTime) const { return std::nullopt; }
  virtual std::optional<WallTime> fires_next(WallTime) const { return std::nullopt; }
  // Of those that learn: what it knows, to be kept; and, before it is asked for the first time,
  // what one with the same options knew `age` ago. What it cannot use it leaves.
  virtual Learned learned() const { return {}; }
  virtual void restore(const Learned&, Duration) {}
  // Of those that may raise the group's maximum: to what; 0: they see no need to.
  virtual std::optional<std::uint32_t> ceiling(const GroupFacts&) const { return std::nullopt; }
};

// Unknown kinds and bad options are errors.
Result<std::unique_ptr<Policy>> make_policy(const weir::Policy& options);

// All kinds, sorted.
std::vector<std::string_view> policy_kinds();

}  // namespace weir::scale
