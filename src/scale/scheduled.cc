// Scheduled: other bounds or another capacity from a time on, as EC2's scheduled actions: once
// (`at`) or at each time of a cron schedule in a time zone, between `start` and `end`. What it set
// stays until another one sets it; between the times it wishes nothing.
#include <fmt/format.h>

#include <algorithm>

#include "base/cron.h"
#include "base/wall_time.h"
#include "scale/policy.h"

namespace weir::scale {
namespace {

std::optional<WallTime> time_of(const std::string& text) {
  const auto time = parse_wall_time(text);
  return time ? std::optional(*time) : std::nullopt;
}

class AtTimes final : public Policy {
 public:
  AtTimes(const Scheduled& options, std::optional<Cron> cron)
      : options_(options), cron_(std::move(cron)) {
    at_ = time_of(options.at);
    start_ = time_of(options.start);
    end_ = time_of(options.end);
  }

  std::string_view kind() const override { return "scheduled"; }

  Decision decide(const GroupFacts&, const Series&, Time) const override {
    return {std::nullopt, "", false};
  }

  std::optional<Firing> fired(WallTime now) const override {
    const auto when = last(now);
    if (!when) return std::nullopt;
    Firing firing{*when, options_.min, options_.max, options_.desired, {}};
    firing.reason = fmt::format("the schedule '{}' was due", at_ ? options_.at : options_.schedule);
    return firing;
  }

  std::optional<WallTime> fires_next(WallTime now) const override {
    if (at_) return *at_ > now ? at_ : std::nullopt;
    // A time that is the start itself counts.
    const WallTime from = start_ ? std::max(now, *start_ - 1ns) : now;
    const auto next = cron_->next(from);
    if (next && end_ && *next > *end_) return std::nullopt;
    return next;
  }

 private:
  std::optional<WallTime> last(WallTime now) const {
    if (at_) return *at_ <= now ? at_ : std::nullopt;
    const WallTime until = end_ ? std::min(now, *end_) : now;
    const auto last = cron_->previous(until + 1ns);  // a time that is now itself is due
    if (last && start_ && *last < *start_) return std::nullopt;
    return last;
  }

  const Scheduled options_;
  const std::optional<Cron> cron_;
  std::optional<WallTime> at_, start_, end_;
};

}  // namespace

Result<std::unique_ptr<Policy>> scheduled(const weir::Policy& options) {
  const Scheduled& o = *options.scheduled;
  if (!o.at.empty()) return std::make_unique<AtTimes>(o, std::nullopt);
  TRY(Cron cron, Cron::parse(o.schedule, o.time_zone));
  return std::make_unique<AtTimes>(o, std::move(cron));
}

}  // namespace weir::scale
