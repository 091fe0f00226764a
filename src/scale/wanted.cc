#include "scale/bounds.h"
#include "scale/combine.h"
#include "scale/pass.h"

namespace weir::scale {
void change_desired(Pass& p, std::uint32_t to, const std::string& clause) {
  const std::uint32_t from = *p.memory.desired;
  if (to == from) return;
  const bool up = to > from;
  p.record(Activity::Status::successful,
           fmt::format("{} the desired capacity of group {} from {} to {}",
                       up ? "Increasing" : "Decreasing", p.facts.name, from, to),
           fmt::format("{}, {} the desired capacity from {} to {}", clause,
                       up ? "increasing" : "decreasing", from, to));
  p.memory.desired = to;
  p.memory.last_change = p.now();
  if (up) p.memory.last_busy = p.now();
}

namespace {

// What was stored, else what the config says; never so little that a restart ends what it found.
void begin(Pass& p) {
  if (!p.memory.born) p.memory.born = p.now();
  if (p.memory.desired) return;
  const std::uint32_t first = p.options.desired.value_or(p.min);
  p.memory.desired = std::min(std::max(first, p.live()), p.max);
}

// A capacity that was due since the last one.
void scheduled(Pass& p, const Bounds& bounds) {
  if (bounds.next) p.wake_at(p.now() + (*bounds.next - p.moment.wall));
  auto& done = p.memory.scheduled;
  if (!bounds.desired || (done && *done >= bounds.desired->at)) return;
  done = bounds.desired->at;
  change_desired(p, std::clamp(*bounds.desired->desired, p.min, p.max), bounds.desired->reason);
  p.memory.last_change = p.now();
  p.memory.last_busy = p.now();
}

// To what policies say that a forecast needs. It comes back with the desired capacity, as what
// serves now is not ended because a later minute needs less; and at once where the maximum itself
// changes, or nothing may raise it any more.
void raise_maximum(Pass& p) {
  auto& raised = p.memory.raised;
  std::optional<std::uint32_t> to;
  for (const auto& policy : p.policies) {
    if (p.max == 0 || p.suspended("policies")) break;
    const auto ceiling = policy->ceiling(p.facts);
    if (ceiling) to = std::max(to.value_or(0), *ceiling);
  }
  if (to && raised && raised->from == p.max) {
    to = std::max(*to, std::min(raised->to, p.memory.desired.value_or(0)));
  }
  raised.reset();
  if (!to || *to <= p.max) return;
  p.out.notes.push_back(fmt::format("the maximum is {} instead of {}, by a forecast", *to, p.max));
  raised = Raised{p.max, *to};
  p.max = *to;
}

void clamp(Pass& p) {
  const std::uint32_t desired = *p.memory.desired;
  if (desired > p.max) {
    change_desired(p, p.max, fmt::format("the maximum of group {} was {}", p.facts.name, p.max));
  } else if (desired < p.min) {
    change_desired(p, p.min, fmt::format("the minimum of group {} was {}", p.facts.name, p.min));
  }
}

void manual(Pass& p) {
  if (!p.facts.manual) return;
  const std::uint32_t to = std::clamp(*p.facts.manual, p.min, p.max);
  change_desired(p, to,
                 fmt::format("a user request set the desired capacity of group {}", p.facts.name));
  // Also where it stayed: policies wait for their cooldown, and rest for the idle timeout.
  p.memory.last_change = p.now();
  p.memory.last_busy = p.now();
}

// Something still starts or warms: its effect is not in the metrics yet.
bool settling(const Pass& p) {
  return std::any_of(p.facts.instances.begin(), p.facts.instances.end(), [&](const auto& i) {
    if (!Pass::live(i)) return false;
    if (coming(i.state)) return i.waiting_for.empty();
    return !warm(i, p.options.warm_up, p.now());
  });
}

bool starting(const Pass& p) {
  return std::any_of(p.facts.instances.begin(), p.facts.instances.end(), [](const auto& i) {
    return Pass::live(i) && coming(i.state) && i.waiting_for.empty();
  });
}

// A wish to grow, within max and within what the provider can start now. Waiting requests with
// nobody to serve them always get one instance, which is then pending with its reason.
std::uint32_t affordable(const Pass& p, std::uint32_t wish) {
  wish = std::min(wish, p.max);
  if (!p.facts.room) return wish;
  std::uint32_t back = 0;
  for (const InstanceFacts& i : p.facts.instances) back += Pass::resumable(i) ? i.weight : 0;
  const std::uint32_t possible = std::max(p.live() + *p.facts.room + back, 1u);
  return std::max(std::min(wish, possible), *p.memory.desired);
}

// A wish of the policies, as fast as the group may be moved.
std::uint32_t paced(Pass& p, std::uint32_t wish) {
  const auto limited = p.memory.rate_limit.limit(wish, *p.memory.desired, p.options.scale_out,
                                                 p.options.scale_in, p.now());
  if (!limited.note.empty()) p.out.notes.push_back(limited.note);
  return limited.desired;
}

void ask_policies(Pass& p) {
  const std::uint32_t desired = *p.memory.desired;
  p.facts.desired = desired;
  p.facts.last_change = p.memory.last_change.value_or(*p.memory.born);
  p.facts.last_scaling = p.memory.last_scaling;
  auto& since = p.memory.waiting_since;
  if (p.facts.waiting == 0) {
    since.reset();
  } else if (!since) {
    since = p.now();
  }
  p.facts.waiting_since = since;
  p.facts.last_line = p.memory.last_line;
  p.facts.warm = 0;
  for (const InstanceFacts& i : p.facts.instances) {
    if (warm(i, p.options.warm_up, p.now())) p.facts.warm += i.weight;
  }
  for (const auto& policy : p.policies) {
    p.out.decisions.push_back(policy->decide(p.facts, p.series, p.now()));
    if (p.out.decisions.back().for_the_line) p.memory.last_line = p.now();
  }

  Wish wish = combine(p.out.decisions, desired);
  if (p.suspended("policies")) {
    p.out.notes.push_back("what policies wish is suspended");
    wish = {desired, {}};
  }
  wish.desired = paced(p, wish.desired);
  if (p.facts.waiting > 0 && p.live() == 0 && desired == 0 && wish.desired == 0) {
    const Decision awake = wake(p.facts);
    wish = {*awake.desired, awake.reason};
  }
  if (wish.desired > desired) {
    const std::uint32_t to = affordable(p, wish.desired);
    if (to < std::min(wish.desired, p.max)) {
      p.out.notes.push_back(
          fmt::format("{} instances are wanted, the provider has room for {}", wish.desired, to));
    }
    change_desired(p, to, wish.reason);
  } else if (wish.desired < desired && p.facts.waiting == 0 && !settling(p)) {
    change_desired(p, std::max(wish.desired, p.min), wish.reason);
  }
  if (*p.memory.desired == desired) return;
  p.memory.last_scaling = p.now();
  p.memory.rate_limit.changed(desired, *p.memory.desired, p.now());
  p.memory.oscillation.changed(desired, *p.memory.desired, p.now());
}

void look_for_oscillation(Pass& p) {
  p.out.reversals = p.memory.oscillation.reversals(p.now());
  const auto report = p.memory.oscillation.report(p.now());
  if (!report) return;
  p.out.notes.push_back("the desired capacity oscillates: " + report->text +
                        "; a longer scale_in.stabilization, or limits, would calm it");
  if (!report->fresh) return;
  p.record(Activity::Status::successful,
           fmt::format("The desired capacity of group {} oscillates", p.facts.name), report->text);
}

void rest(Pass& p) {
  auto& busy = p.memory.last_busy;
  const auto after = [&](std::optional<Time> t) {
    if (t && (!busy || *t > *busy)) busy = t;
  };
  if (p.facts.waiting > 0 || p.facts.in_flight > 0) after(p.now());
  after(p.memory.born);
  after(p.facts.last_arrival);
  for (const InstanceFacts& i : p.facts.instances) {
    if (Pass::live(i)) after(i.in_service_since);
  }

  if (p.min > 0 || p.options.target_groups.empty() || *p.memory.desired == 0) return;
  // A server that takes long to start is let come up, though its first client may have left.
  if (p.facts.waiting > 0 || p.facts.in_flight > 0 || starting(p)) return p.wake_at(p.now() + 1s);
  const Time limit = *busy + p.options.idle_timeout;
  if (p.now() < limit) return p.wake_at(limit);
  change_desired(p, 0,
                 fmt::format("no request had come to group {} for {}", p.facts.name,
                             to_string(p.options.idle_timeout)));
}

}  // namespace

void want(Pass& p) {
  const Bounds now = bounds(p.options, p.policies, p.moment.wall);
  p.min = now.min;
  p.max = now.max;
  raise_maximum(p);
  begin(p);
  scheduled(p, now);
  clamp(p);
  manual(p);
  ask_policies(p);
  rest(p);
  look_for_oscillation(p);
  p.out.desired = *p.memory.desired;
  p.out.min = p.min;
  p.out.max = p.max;
  // Policies look at the begin of each second while there is anything to look at.
  const bool something = p.out.desired > 0 || p.facts.waiting > 0 || p.facts.other_endpoints > 0;
  if (!p.policies.empty() && something)
    p.wake_at(std::chrono::floor<std::chrono::seconds>(p.now()) + 1s);
  const auto& since = p.memory.waiting_since;
  if (since && *since + kStanding > p.now()) p.wake_at(*since + kStanding);
}

}  // namespace weir::scale
