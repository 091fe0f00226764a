#include "scale/pass.h"

namespace weir::scale {
namespace {

using Kind = Action::Kind;
using Status = Activity::Status;

// Between "takes nothing new" and the count of its requests a worker may just have taken a slot.
constexpr Duration kSettle = 100ms;
// What the provider's own SIGKILL gets beyond stop_grace before we ask for one.
constexpr Duration kKillMargin = 5s;

std::string in_words(Duration d) {
  return to_string(std::chrono::round<std::chrono::milliseconds>(d));
}

// "; its last lines: ..." or nothing
std::string last_lines(const InstanceFacts& i) {
  return i.last_log.empty() ? "" : "; its last lines: " + i.last_log;
}

// An instance was lost or is given up; if it never served for long, that counts as a round.
void note_failure(Pass& p, const InstanceFacts& i, const std::string& why) {
  const bool young = !i.in_service_since || p.now() - *i.in_service_since < Backoff::kYoung;
  if (!young) return;
  p.memory.backoff.failed(i.launched, p.now());
  p.memory.troubles.add(i.launch_template, p.now());
  if (!i.zone.empty()) p.memory.zones_failed[i.zone] = p.now();
  p.memory.last_failure = fmt::format("instance {} {}{}", i.id, why, last_lines(i));
}

void gone(Pass& p, const InstanceFacts& i) {
  const std::string how = i.exit_cause.empty() ? "exit unknown" : i.exit_cause;
  if (leaving(i.state)) {
    p.record(Status::successful, fmt::format("Terminated instance {}", i.id),
             fmt::format("instance {} of group {} had ended ({}) after {} ({})", i.id, p.facts.name,
                         how, in_words(p.now() - i.state_since), to_string(i.cause)),
             i.id);
  } else {
    const bool was_up = i.state != Lifecycle::pending && i.state != Lifecycle::warmed_pending;
    const std::string why = was_up ? "ended: " + how : "ended before it was healthy: " + how;
    p.record(Status::failed, fmt::format("Replacing instance {}", i.id),
             fmt::format("instance {} of group {} {}{}", i.id, p.facts.name, why, last_lines(i)),
             i.id);
    note_failure(p, i, why);
  }
  p.act(Kind::forget, i.id, i.cause, how);
}

void enter_service(Pass& p, InstanceFacts& i, std::string_view by) {
  p.act(Kind::enter_service, i.id, Cause::none, std::string(by));
  p.record(Status::successful, fmt::format("Instance {} is in service", i.id),
           fmt::format("instance {} of group {} {}, {} after its launch", i.id, p.facts.name, by,
                       in_words(p.now() - i.launched)),
           i.id);
  i.state = Lifecycle::in_service;
  i.state_since = p.now();
  if (!i.in_service_since) i.in_service_since = p.now();
}

// Out of the pool, or of standby, the time to start begins again.
void give_up_late(Pass& p, InstanceFacts& i) {
  const Time limit = std::max(*i.started, i.state_since) + p.options.launch.start_timeout;
  if (p.now() < limit) return p.wake_at(limit);
  const std::string why =
      "did not become healthy within " + in_words(p.options.launch.start_timeout);
  p.record(Status::failed, fmt::format("Replacing instance {}", i.id),
           fmt::format("instance {} of group {} {}{}", i.id, p.facts.name, why, last_lines(i)),
           i.id);
  note_failure(p, i, why);
  p.drain(i, Cause::failed_start, why);
}

void starting(Pass& p, InstanceFacts& i) {
  if (i.healthy && i.state == Lifecycle::warmed_pending) {
    const bool stop = p.options.warm_pool && p.options.warm_pool->stopped;
    p.move(i, stop ? Lifecycle::warmed_stopped : Lifecycle::warmed_running, Cause::none,
           "its health check succeeded");
    p.record(Status::successful, fmt::format("Instance {} is in the warm pool", i.id),
             fmt::format("instance {} of group {} passed its health check, {} after its launch",
                         i.id, p.facts.name, in_words(p.now() - i.launched)),
             i.id);
    return;
  }
  if (i.healthy) {
    if (!has_hooks(p, Transition::launching)) {
      return enter_service(p, i, "passed its health check");
    }
    p.move(i, Lifecycle::pending_wait, Cause::none, "its launching hooks begin");
    i.hooks.clear();
    return p.wake_at(p.now() + 100ms);
  }
  if (!i.started) {
    if (!i.waiting_for.empty()) {
      p.out.notes.push_back(fmt::format("instance {} is pending: {}", i.id, i.waiting_for));
    }
    return;
  }
  give_up_late(p, i);
}

void waiting_to_serve(Pass& p, InstanceFacts& i) {
  const auto done = hooks_done(p, i, Transition::launching);
  if (!done) return;
  if (*done == HookResult::continue_) {
    if (i.healthy) return enter_service(p, i, "is past its launching hooks");
    return give_up_late(p, i);
  }
  const std::string why = "was given up by a launching hook";
  p.record(Status::failed, fmt::format("Replacing instance {}", i.id),
           fmt::format("instance {} of group {} {}", i.id, p.facts.name, why), i.id);
  note_failure(p, i, why);
  p.drain(i, Cause::abandoned, why);
}

// Checks that time out on every instance tell of overload as often as of death: at most half of
// the group is replaced at once.
bool may_replace(const Pass& p) {
  std::uint32_t serving = 0, being_replaced = 0;
  for (const InstanceFacts& i : p.facts.instances) {
    if (i.exited) continue;
    if (i.state == Lifecycle::in_service) ++serving;
    if (leaving(i.state) && i.cause == Cause::unhealthy) ++being_replaced;
  }
  return being_replaced < std::max(1u, (serving + being_replaced) / 2);
}

void serving(Pass& p, InstanceFacts& i) {
  if (i.in_service_since) {
    const Time proven = *i.in_service_since + Backoff::kYoung;
    if (p.now() >= proven) p.memory.backoff.succeeded(i.launched);
    if (p.now() < proven && p.memory.backoff.rounds() > 0) p.wake_at(proven);
    const Time warmed = *i.in_service_since + p.options.warm_up;
    if (p.now() < warmed) p.wake_at(warmed);
  }
  if (!i.unhealthy_since || i.healthy) return;
  if (i.in_service_since && p.now() < *i.in_service_since + p.options.health_check_grace) {
    return p.wake_at(*i.in_service_since + p.options.health_check_grace);
  }
  if (p.suspended("replace_unhealthy") || p.suspended("terminate")) {
    p.out.notes.push_back(
        fmt::format("instance {} is unhealthy, and its replacement is suspended", i.id));
    return;
  }
  if (!may_replace(p)) {
    p.out.notes.push_back(fmt::format(
        "instance {} is unhealthy and waits: half of the group is being replaced", i.id));
    return;
  }
  const std::string why = "was unhealthy for " + in_words(p.now() - *i.unhealthy_since);
  p.record(Status::failed, fmt::format("Replacing instance {}", i.id),
           fmt::format("instance {} of group {} {}", i.id, p.facts.name, why), i.id);
  note_failure(p, i, why);
  p.drain(i, Cause::unhealthy, why);
}

// How long it may drain; nothing: until its last stream has ended.
std::optional<Duration> drain_limit(const Pass& p, const InstanceFacts& i) {
  switch (i.cause) {
    case Cause::none:
    case Cause::scale_in:
    case Cause::gave_way:
    case Cause::refresh:
    case Cause::lifetime:
    case Cause::rebalance:
      return p.options.drain_limit;
    case Cause::failed_start:
    case Cause::abandoned:
      return 0s;
    case Cause::unhealthy:
    case Cause::user:
      return p.facts.deregistration_delay;
    case Cause::interrupted:
      return until_interruption(p, i);
  }
  return std::nullopt;
}

// Nothing is left on it, or its time to drain is over: to the pool, to its hooks, or to its end.
void drained(Pass& p, InstanceFacts& i, std::string why) {
  if (pool_wants(p, i)) {
    p.move(i, p.options.warm_pool->stopped ? Lifecycle::warmed_stopped : Lifecycle::warmed_running,
           Cause::none, "the warm pool takes it back");
    p.record(Status::successful, fmt::format("Instance {} is in the warm pool", i.id),
             fmt::format("instance {} of group {} had drained, and the warm pool takes it back",
                         i.id, p.facts.name),
             i.id);
    return;
  }
  if (has_hooks(p, Transition::terminating) && i.cause != Cause::failed_start && i.started) {
    p.move(i, Lifecycle::terminating_wait, i.cause, "its terminating hooks begin");
    i.hooks.clear();
    return p.wake_at(p.now() + 100ms);
  }
  p.act(Kind::stop, i.id, i.cause, std::move(why));
}

void going(Pass& p, InstanceFacts& i) {
  if (i.stopping_since) {
    const Time limit = *i.stopping_since + p.options.launch.stop_grace + kKillMargin;
    if (p.now() < limit) return p.wake_at(limit);
    p.act(Kind::kill, i.id, i.cause, "it outlived its stop and the grace time");
    return p.wake_at(p.now() + 1s);
  }
  if (i.state == Lifecycle::terminating_wait) {
    const Time last = stop_by(p, i);
    if (hooks_done(p, i, Transition::terminating)) {
      p.act(Kind::stop, i.id, i.cause, "its terminating hooks are done");
    } else if (p.now() >= last) {
      p.act(Kind::stop, i.id, i.cause, "its machine is taken away before its hooks are done");
    }
    return p.wake_at(std::max(last, p.now()));
  }
  const auto limit = drain_limit(p, i);
  const bool never_served = !i.in_service_since;
  if (never_served || (limit && p.now() - i.state_since >= *limit)) {
    const bool cut = i.in_flight > 0;
    return drained(p, i,
                   cut ? fmt::format("its time to drain is over, {} in flight", i.in_flight)
                       : "nothing is in flight");
  }
  if (limit) p.wake_at(i.state_since + *limit);
  if (i.in_flight > 0) return p.wake_at(p.now() + 200ms);
  const Time settled = i.state_since + kSettle;
  if (p.now() < settled) return p.wake_at(settled);
  drained(p, i, "its last request has ended");
}

// An operator takes it out: once it has drained, or had its time, it is.
void stepping_aside(Pass& p, InstanceFacts& i) {
  const Time settled = i.state_since + kSettle;
  const Time limit = i.state_since + p.facts.deregistration_delay;
  if (p.now() < settled) return p.wake_at(settled);
  if (i.in_flight > 0 && p.now() < limit) return p.wake_at(std::min(limit, p.now() + 200ms));
  const bool standby = i.state == Lifecycle::entering_standby;
  p.move(i, standby ? Lifecycle::standby : Lifecycle::detached, Cause::none, "it has drained");
  p.record(Status::successful,
           fmt::format("Instance {} is {}", i.id, standby ? "in standby" : "detached"),
           fmt::format("a user asked for it, and instance {} of group {} had drained", i.id,
                       p.facts.name),
           i.id);
}

// Apart from the group: what ends with it is only the group itself.
void apart(Pass& p, InstanceFacts& i) {
  if (p.options.max == 0) p.drain(i, Cause::user, "its group goes away");
}

void announce_adoption(Pass& p, const InstanceFacts& i) {
  if (!i.adopted || !p.memory.adopted.insert(i.id).second) return;
  p.record(
      Status::successful, fmt::format("Adopted instance {}", i.id),
      fmt::format("instance {} of group {} was found running and was adopted", i.id, p.facts.name),
      i.id);
}

}  // namespace

void lifecycle(Pass& p) {
  std::erase_if(p.memory.adopted, [&](const std::string& id) {
    return std::none_of(p.facts.instances.begin(), p.facts.instances.end(),
                        [&](const InstanceFacts& i) { return i.id == id; });
  });
  for (InstanceFacts& i : p.facts.instances) {
    announce_adoption(p, i);
    if (i.exited) {
      gone(p, i);
      continue;
    }
    using enum Lifecycle;
    if (i.ends_at) noticed(p, i);
    const bool waits = i.state == pending_wait;
    if (i.state == pending || i.state == warmed_pending) starting(p, i);
    if (waits) waiting_to_serve(p, i);
    if (i.state == in_service) serving(p, i);
    if (i.state == warmed_running) serving(p, i);
    if (i.state == entering_standby || i.state == detaching) stepping_aside(p, i);
    if (i.state == standby || i.state == detached) apart(p, i);
    if (leaving(i.state)) going(p, i);
  }
}

}  // namespace weir::scale
