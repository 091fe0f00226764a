#include "scale/refresh.h"

#include <algorithm>

#include "scale/pass.h"

namespace weir::scale {
namespace {

using Status = Refresh::Status;

// New instances that failed in a row, before it is given up.
constexpr std::uint32_t kFailures = 3;
// EC2's: how long it waits for what is protected or in standby.
constexpr Duration kPatience = 1h;

std::string titled(const Pass& p, const Refresh& r, std::string_view what) {
  return fmt::format("Instance refresh {} of group {} {}", r.number, p.facts.name, what);
}

void finish(Pass& p, Refresh& r, Status status, const std::string& reason) {
  r.status = status;
  r.ended = p.moment.wall;
  r.reason = reason;
  const bool good = status == Status::successful || status == Status::rollback_successful;
  p.record(good ? Activity::Status::successful : Activity::Status::failed,
           titled(p, r, fmt::format("is {}", to_string(status))),
           fmt::format("{} of {} instances had version {}: {}", r.replaced, r.total.value_or(0),
                       r.version, reason));
}

void fail(Pass& p, Refresh& r, const std::string& reason) {
  if (r.status == Status::rollback_in_progress) {
    return finish(p, r, Status::rollback_failed, reason);
  }
  if (!r.options.auto_rollback || r.before == r.version) {
    return finish(p, r, Status::failed, reason);
  }
  p.record(Activity::Status::failed, titled(p, r, "is rolled back"),
           fmt::format("the launch template goes back from version {} to {}: {}", r.version,
                       r.before, reason));
  roll_back(r, reason);
  p.memory.backoff = {};
}

bool old(const Refresh& r, const InstanceFacts& i) {
  if (i.exited || leaving(i.state)) return false;
  if (i.generation >= r.number) return false;
  return !(r.options.skip_matching && i.version == r.version);
}

struct Count {
  std::uint32_t old = 0;      // to be replaced
  std::uint32_t blocked = 0;  // of them, those that it must wait for
  std::uint32_t unready = 0;  // that are to serve instead, and are not ready yet
};

Count mark(Pass& p, const Refresh& r) {
  Count count;
  const Duration warm_up = r.options.warm_up.value_or(p.options.warm_up);
  for (InstanceFacts& i : p.facts.instances) {
    if (i.exited || i.state == Lifecycle::detached || i.state == Lifecycle::detaching) continue;
    if (counts(i.state) && !old(r, i) && !(warm(i, warm_up, p.now()) && i.healthy)) {
      ++count.unready;
      if (i.in_service_since) p.wake_at(*i.in_service_since + warm_up);
    }
    if (!old(r, i)) continue;
    const bool apart = i.state == Lifecycle::standby || i.state == Lifecycle::entering_standby;
    if (!apart && !i.is_protected) {
      i.outdated = Cause::refresh;
    } else {
      const Spared spared = apart ? r.options.standby_instances : r.options.protected_instances;
      if (spared == Spared::ignore) continue;
      if (spared == Spared::replace) i.outdated = Cause::refresh;
      if (spared == Spared::wait) ++count.blocked;
    }
    // The pool's are not served from: they go without a replacement being waited for.
    if (!pooled(i.state)) ++count.old;
  }
  count.unready += p.out.desired - std::min(p.out.desired, p.live());
  return count;
}

std::uint32_t share_of(std::uint32_t total, std::uint32_t percent) {
  return (total * percent + 99) / 100;
}

// How many more may be replaced now: up to the next checkpoint.
std::uint32_t up_to_checkpoint(Pass& p, Refresh& r, const Count& count) {
  const auto& checkpoints = r.options.checkpoints;
  if (r.checkpoint >= checkpoints.size()) return count.old;
  const std::uint32_t goal = share_of(*r.total, checkpoints[r.checkpoint]);
  if (r.replaced < goal) {
    const std::uint32_t begun = *r.total - std::min(*r.total, count.old);
    return goal > begun ? goal - begun : 0;
  }
  if (!r.waiting_since) {
    r.waiting_since = p.moment.wall;
    if (r.status == Status::in_progress) r.status = Status::waiting;
    r.reason = fmt::format("at the checkpoint of {} %", checkpoints[r.checkpoint]);
    p.record(Activity::Status::successful, titled(p, r, "waits at a checkpoint"),
             fmt::format("{} of {} instances had version {}, the checkpoint of {} %", r.replaced,
                         *r.total, r.version, checkpoints[r.checkpoint]));
  }
  const Duration waited = p.moment.wall - *r.waiting_since;
  if (waited < r.options.checkpoint_delay) {
    p.wake_at(p.now() + (r.options.checkpoint_delay - waited));
    return 0;
  }
  r.waiting_since.reset();
  if (r.status == Status::waiting) r.status = Status::in_progress;
  r.reason.clear();
  ++r.checkpoint;
  return up_to_checkpoint(p, r, count);
}

// What stops it: too many failures, an alarm.
bool stopped(Pass& p, Refresh& r) {
  if (p.memory.backoff.rounds() >= kFailures) {
    fail(p, r,
         fmt::format("{} starts failed in a row: {}", p.memory.backoff.rounds(),
                     p.memory.last_failure));
    return true;
  }
  for (const std::string& alarm : r.options.alarms) {
    if (r.status == Status::rollback_in_progress) break;
    if (std::ranges::find(p.facts.alarms, alarm) == p.facts.alarms.end()) continue;
    fail(p, r, fmt::format("alarm {} is in alarm", alarm));
    return true;
  }
  return false;
}

// The last checkpoint is where it ends, also below 100 %.
bool over(const Refresh& r, const Count& count) {
  const auto& checkpoints = r.options.checkpoints;
  if (!checkpoints.empty()) return r.checkpoint >= checkpoints.size() && count.unready == 0;
  return count.old == 0 && count.unready == 0;
}

}  // namespace

void refresh(Pass& p) {
  if (!p.memory.refresh || !running(*p.memory.refresh)) return;
  Refresh& r = *p.memory.refresh;
  if (stopped(p, r) && !running(r)) return;
  const Count count = mark(p, r);
  if (!r.total) r.total = count.old;
  r.total = std::max(*r.total, count.old);
  const std::uint32_t begun = *r.total - count.old;
  r.replaced = begun - std::min(begun, count.unready);
  p.may_replace = up_to_checkpoint(p, r, count);
  if (over(r, count)) {
    const bool back = r.status == Status::rollback_in_progress;
    for (InstanceFacts& i : p.facts.instances) i.outdated = Cause::none;
    return finish(p, r, back ? Status::rollback_successful : Status::successful,
                  back ? r.reason : "all that were to be replaced are");
  }
  if (count.old == 0 || count.blocked < count.old) {
    r.blocked_since.reset();
    return;
  }
  if (!r.blocked_since) r.blocked_since = p.moment.wall;
  p.out.notes.push_back(
      fmt::format("instance refresh {} waits for {} that {} protected or in standby", r.number,
                  plural(count.blocked, "instance"), count.blocked == 1 ? "is" : "are"));
  const Duration waited = p.moment.wall - *r.blocked_since;
  if (waited >= kPatience) return fail(p, r, "it waited an hour for protected instances");
  p.wake_at(p.now() + (kPatience - waited));
}

std::uint32_t percent(const Refresh& r) {
  if (r.status == Status::successful || r.status == Status::rollback_successful) return 100;
  const std::uint32_t total = r.total.value_or(0);
  return total == 0 ? 0 : r.replaced * 100 / total;
}

void roll_back(Refresh& r, std::string reason) {
  std::swap(r.version, r.before);
  ++r.number;
  r.status = Status::rollback_in_progress;
  r.total.reset();
  r.replaced = 0;
  r.options.checkpoints.clear();
  r.options.canary = 0;
  r.options.skip_matching = true;
  r.waiting_since.reset();
  r.blocked_since.reset();
  r.ended.reset();
  r.reason = std::move(reason);
}

void cancel(Refresh& r, WallTime now) {
  r.status = Status::cancelled;
  r.ended = now;
  r.reason = "cancelled by a user";
}

std::string_view to_string(Status status) {
  switch (status) {
    case Status::in_progress:
      return "in_progress";
    case Status::waiting:
      return "waiting";
    case Status::successful:
      return "successful";
    case Status::failed:
      return "failed";
    case Status::cancelled:
      return "cancelled";
    case Status::rollback_in_progress:
      return "rollback_in_progress";
    case Status::rollback_successful:
      return "rollback_successful";
    case Status::rollback_failed:
      return "rollback_failed";
  }
  return "";
}

}  // namespace weir::scale
