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
  p.memory.last_failure = fmt::format("instance {} {}{}", i.id, why, last_lines(i));
}

}  // namespace

void begin_drain(Pass& p, InstanceFacts& i, Cause cause, std::string reason) {
  p.act(Kind::drain, i.id, cause, std::move(reason));
  i.state = Lifecycle::terminating;
  i.cause = cause;
  i.state_since = p.now();
}

namespace {

void gone(Pass& p, const InstanceFacts& i) {
  const std::string how = i.exit_cause.empty() ? "exit unknown" : i.exit_cause;
  if (i.state == Lifecycle::terminating) {
    p.record(Status::successful, fmt::format("Terminated instance {}", i.id),
             fmt::format("instance {} of group {} had ended ({}) after {} ({})", i.id, p.facts.name,
                         how, in_words(p.now() - i.state_since), to_string(i.cause)),
             i.id);
  } else {
    const std::string why =
        i.state == Lifecycle::pending ? "ended before it was healthy: " + how : "ended: " + how;
    p.record(Status::failed, fmt::format("Replacing instance {}", i.id),
             fmt::format("instance {} of group {} {}{}", i.id, p.facts.name, why, last_lines(i)),
             i.id);
    note_failure(p, i, why);
  }
  p.act(Kind::forget, i.id, i.cause, how);
}

void starting(Pass& p, InstanceFacts& i) {
  if (i.healthy) {
    p.act(Kind::enter_service, i.id, Cause::none, "its health check succeeded");
    p.record(Status::successful, fmt::format("Instance {} is in service", i.id),
             fmt::format("instance {} of group {} passed its health check, {} after its launch",
                         i.id, p.facts.name, in_words(p.now() - i.launched)),
             i.id);
    i.state = Lifecycle::in_service;
    i.state_since = p.now();
    i.in_service_since = p.now();
    return;
  }
  if (!i.started) {
    if (!i.waiting_for.empty()) {
      p.out.notes.push_back(fmt::format("instance {} is pending: {}", i.id, i.waiting_for));
    }
    return;
  }
  const Time limit = *i.started + p.options.launch.start_timeout;
  if (p.now() < limit) return p.wake_at(limit);
  const std::string why =
      "did not become healthy within " + in_words(p.options.launch.start_timeout);
  p.record(Status::failed, fmt::format("Replacing instance {}", i.id),
           fmt::format("instance {} of group {} {}{}", i.id, p.facts.name, why, last_lines(i)),
           i.id);
  note_failure(p, i, why);
  begin_drain(p, i, Cause::failed_start, why);
}

// Checks that time out on every instance tell of overload as often as of death: at most half of
// the group is replaced at once.
bool may_replace(const Pass& p) {
  std::uint32_t serving = 0, being_replaced = 0;
  for (const InstanceFacts& i : p.facts.instances) {
    if (i.exited) continue;
    if (i.state == Lifecycle::in_service) ++serving;
    if (i.state == Lifecycle::terminating && i.cause == Cause::unhealthy) ++being_replaced;
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
  begin_drain(p, i, Cause::unhealthy, why);
}

// How long it may drain; nothing: until its last stream has ended.
std::optional<Duration> drain_limit(const Pass& p, const InstanceFacts& i) {
  switch (i.cause) {
    case Cause::none:
    case Cause::scale_in:
    case Cause::gave_way:
      return p.options.drain_limit;
    case Cause::failed_start:
      return 0s;
    case Cause::unhealthy:
    case Cause::user:
      return p.facts.deregistration_delay;
    case Cause::interrupted:
      return until_interruption(p, i);
  }
  return std::nullopt;
}

void leaving(Pass& p, InstanceFacts& i) {
  if (i.stopping_since) {
    const Time limit = *i.stopping_since + p.options.launch.stop_grace + kKillMargin;
    if (p.now() < limit) return p.wake_at(limit);
    p.act(Kind::kill, i.id, i.cause, "it outlived its stop and the grace time");
    return p.wake_at(p.now() + 1s);
  }
  const auto limit = drain_limit(p, i);
  const bool never_served = !i.in_service_since;
  if (never_served || (limit && p.now() - i.state_since >= *limit)) {
    const bool cut = i.in_flight > 0;
    p.act(Kind::stop, i.id, i.cause,
          cut ? fmt::format("its time to drain is over, {} in flight", i.in_flight)
              : "nothing is in flight");
    return;
  }
  if (limit) p.wake_at(i.state_since + *limit);
  if (i.in_flight > 0) return p.wake_at(p.now() + 200ms);
  const Time settled = i.state_since + kSettle;
  if (p.now() < settled) return p.wake_at(settled);
  p.act(Kind::stop, i.id, i.cause, "its last request has ended");
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
    if (i.ends_at) noticed(p, i);
    if (i.state == Lifecycle::pending) starting(p, i);
    if (i.state == Lifecycle::in_service) serving(p, i);
    if (i.state == Lifecycle::terminating) leaving(p, i);
  }
}

}  // namespace weir::scale
