#include "scale/engine.h"

#include "scale/pass.h"
#include "scale/victim.h"

namespace weir::scale {
namespace {

using Kind = Action::Kind;

std::string plural(std::uint32_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::uint32_t bring_back(Pass& p, std::uint32_t missing) {
  std::uint32_t found = 0;
  for (InstanceFacts& i : p.facts.instances) {
    if (found >= missing) break;
    const bool stopped_now =
        std::any_of(p.out.actions.begin(), p.out.actions.end(),
                    [&](const Action& a) { return a.kind == Kind::stop && a.instance == i.id; });
    if (!Pass::resumable(i) || stopped_now) continue;
    p.act(Kind::resume, i.id, Cause::none, "it was draining and is needed again");
    p.record(Activity::Status::successful, fmt::format("Instance {} is back in service", i.id),
             fmt::format("instance {} of group {} was draining and was needed again", i.id,
                         p.facts.name),
             i.id);
    i.state = Lifecycle::in_service;
    i.state_since = p.now();
    found += i.weight;
  }
  return found;
}

void launch_of(Pass& p, std::uint32_t count, const std::string& launch_template,
               const std::string& why) {
  const std::string what = launch_template.empty() ? "instance" : launch_template + " instance";
  p.record(Activity::Status::successful, "Launching " + plural(count, what),
           fmt::format("{} of group {} {} started: {}", plural(count, what), p.facts.name,
                       count == 1 ? "was" : "were", why));
  p.out.actions.push_back({Kind::launch, {}, count, Cause::none, why, launch_template});
}

void launch_mixed(Pass& p, bool one, const std::string& why) {
  for (const Share& share : choose_launches(*p.options.mix, pools(p), p.out.desired)) {
    launch_of(p, one ? 1 : share.count, p.options.mix->templates[share.index].name, why);
    if (one) return;
  }
}

void launch(Pass& p, std::uint32_t missing, const std::string& why) {
  if (p.suspended("launch")) {
    p.out.notes.push_back(why + ", and launches are suspended");
    return;
  }
  const Backoff& backoff = p.memory.backoff;
  if (backoff.waiting(p.now())) {
    p.wake_at(backoff.until());
    p.out.notes.push_back(fmt::format(
        "{} failed in a row, the next start is tried in {}: {}", plural(backoff.rounds(), "start"),
        to_string(std::chrono::ceil<std::chrono::seconds>(backoff.until() - p.now())),
        p.memory.last_failure));
    return;
  }
  if (backoff.one_at_a_time()) {
    const bool trying =
        std::any_of(p.facts.instances.begin(), p.facts.instances.end(),
                    [](const auto& i) { return Pass::live(i) && i.state == Lifecycle::pending; });
    if (trying) return;
    missing = 1;
  }
  if (p.options.mix) return launch_mixed(p, backoff.one_at_a_time(), why);
  launch_of(p, missing, "", why);
}

// One that may go without leaving less than desired.
std::optional<Victim> next_victim(Pass& p, std::uint32_t surplus) {
  if (p.options.mix) rank_for_leaving(p, p.out.desired);
  std::vector<InstanceFacts> candidates = p.facts.instances;
  for (InstanceFacts& i : candidates) i.is_protected = i.is_protected || i.weight > surplus;
  auto victims = choose_victims(candidates, 1, p.options.termination_policies, p.now());
  return victims.empty() ? std::nullopt : std::optional(std::move(victims.front()));
}

void retire(Pass& p, std::uint32_t surplus) {
  if (p.suspended("terminate")) {
    p.out.notes.push_back(plural(surplus, "instance") + (surplus == 1 ? " is" : " are") +
                          " more than desired, and terminations are suspended");
    return;
  }
  while (surplus > 0) {
    const auto victim = next_victim(p, surplus);
    if (!victim) break;
    InstanceFacts& i = p.facts.instances[victim->index];
    surplus -= i.weight;
    p.act(Kind::drain, i.id, Cause::scale_in, victim->reason);
    p.record(Activity::Status::successful, fmt::format("Terminating instance {}", i.id),
             fmt::format("instance {} of group {} was selected for termination: {}", i.id,
                         p.facts.name, victim->reason),
             i.id);
    if (!i.in_service_since) p.act(Kind::stop, i.id, Cause::scale_in, "it never served");
    i.state = Lifecycle::terminating;
    i.cause = Cause::scale_in;
    i.state_since = p.now();
  }
  if (surplus == 0) return;
  const bool too_large = std::any_of(
      p.facts.instances.begin(), p.facts.instances.end(),
      [&](const InstanceFacts& i) { return Pass::live(i) && !i.is_protected; });
  p.out.notes.push_back(fmt::format(
      "{} more than desired, and {}",
      plural(surplus, p.options.mix ? "unit" : "instance") + (surplus == 1 ? " is" : " are"),
      too_large ? "no instance gives so few" : "protected from scale-in"));
}

void reconcile(Pass& p) {
  const std::uint32_t live = p.live();
  const std::uint32_t desired = p.out.desired;
  if (live > desired) return retire(p, live - desired);
  if (live == desired) return;
  const std::string why = fmt::format("{} wanted, {} there",
                                      plural(desired, "instance") + (desired == 1 ? " is" : " are"),
                                      live == 1 ? "1 is" : fmt::format("{} are", live));
  const std::uint32_t back = bring_back(p, desired - live);
  if (live + back < desired) launch(p, desired - live - back, why);
}

}  // namespace

Step step(const ScalingGroup& options, std::span<const std::unique_ptr<Policy>> policies,
          GroupFacts facts, const Series& series, Memory& memory, Moment moment) {
  Step out;
  Pass pass{options, policies, facts, series, memory, moment, out, 0, 0};
  lifecycle(pass);
  give_way(pass);
  want(pass);
  reconcile(pass);
  // What was just done sets new deadlines.
  if (!out.actions.empty()) pass.wake_at(pass.now() + 100ms);
  return out;
}

Result<void> check_manual(std::uint32_t min, std::uint32_t max, std::uint32_t n) {
  if (n < min) {
    return fail(Code::invalid, fmt::format("desired capacity {} is below the minimum {}", n, min));
  }
  if (n > max) {
    return fail(Code::invalid, fmt::format("desired capacity {} is above the maximum {}", n, max));
  }
  return {};
}

std::string_view to_string(Lifecycle state) {
  switch (state) {
    case Lifecycle::pending:
      return "pending";
    case Lifecycle::in_service:
      return "in_service";
    case Lifecycle::terminating:
      return "terminating";
  }
  return "";
}

std::string_view to_string(Cause cause) {
  switch (cause) {
    case Cause::none:
      return "";
    case Cause::scale_in:
      return "scale_in";
    case Cause::unhealthy:
      return "unhealthy";
    case Cause::failed_start:
      return "failed_start";
    case Cause::user:
      return "user";
    case Cause::gave_way:
      return "gave_way";
    case Cause::interrupted:
      return "interrupted";
  }
  return "";
}

std::string_view to_string(Action::Kind kind) {
  switch (kind) {
    case Kind::launch:
      return "launch";
    case Kind::enter_service:
      return "enter_service";
    case Kind::drain:
      return "drain";
    case Kind::resume:
      return "resume";
    case Kind::stop:
      return "stop";
    case Kind::kill:
      return "kill";
    case Kind::forget:
      return "forget";
  }
  return "";
}

}  // namespace weir::scale
