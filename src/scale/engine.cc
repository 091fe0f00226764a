#include "scale/engine.h"

#include "scale/pass.h"

namespace weir::scale {
namespace {

using Kind = Action::Kind;

void bring_back(Pass& p, std::uint32_t missing) {
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
}

void launch_some(Pass& p, std::uint32_t count, const std::string& launch_template,
                 const std::string& why) {
  const std::string what = launch_template.empty() ? "instance" : launch_template + " instance";
  p.record(Activity::Status::successful, "Launching " + plural(count, what),
           fmt::format("{} of group {} {} started: {}", plural(count, what), p.facts.name,
                       count == 1 ? "was" : "were", why));
  Action action{Kind::launch, {}, count, Cause::none, why};
  action.launch_template = launch_template;
  launch_over_zones(p, std::move(action));
}

void launch_all(Pass& p, std::uint32_t missing, const std::string& why) {
  if (!p.options.mix) return launch_some(p, missing, "", why);
  for (const Share& share : launches(p, missing)) {
    launch_some(p, share.count, p.options.mix->templates[share.index].name, why);
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
    const bool trying = std::any_of(p.facts.instances.begin(), p.facts.instances.end(),
                                    [](const auto& i) { return Pass::live(i) && coming(i.state); });
    if (trying) return;
    missing = 1;
  }
  launch_all(p, missing, why);
}

void reconcile(Pass& p) {
  const std::uint32_t live = p.live();
  const std::uint32_t desired = p.out.desired + p.surge;
  if (live > desired) return retire(p, live - desired);
  if (live == desired) return;
  const std::string why = fmt::format("{} wanted, {} there",
                                      plural(desired, "instance") + (desired == 1 ? " is" : " are"),
                                      live == 1 ? "1 is" : fmt::format("{} are", live));
  const auto lacking = [&] { return desired - std::min(desired, p.live()); };
  bring_back(p, lacking());
  take_from_pool(p, lacking());
  if (lacking() > 0) launch(p, lacking(), why);
}

}  // namespace

Step step(const ScalingGroup& options, std::span<const std::unique_ptr<Policy>> policies,
          GroupFacts facts, const Series& series, Memory& memory, Moment moment) {
  Step out;
  Pass pass{options, policies, facts, series, memory, moment, out};
  lifecycle(pass);
  give_way(pass);
  want(pass);
  replace(pass);
  reconcile(pass);
  fill_pool(pass);
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
    case Lifecycle::pending_wait:
      return "pending_wait";
    case Lifecycle::terminating_wait:
      return "terminating_wait";
    case Lifecycle::entering_standby:
      return "entering_standby";
    case Lifecycle::standby:
      return "standby";
    case Lifecycle::detaching:
      return "detaching";
    case Lifecycle::detached:
      return "detached";
    case Lifecycle::warmed_pending:
      return "warmed_pending";
    case Lifecycle::warmed_running:
      return "warmed_running";
    case Lifecycle::warmed_stopped:
      return "warmed_stopped";
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
    case Cause::abandoned:
      return "abandoned";
    case Cause::refresh:
      return "refresh";
    case Cause::lifetime:
      return "lifetime";
    case Cause::rebalance:
      return "rebalance";
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
    case Kind::move:
      return "move";
    case Kind::choose:
      return "choose";
  }
  return "";
}

}  // namespace weir::scale
