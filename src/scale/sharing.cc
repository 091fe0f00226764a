#include "scale/sharing.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"

namespace weir::scale {
namespace {

struct Candidate {
  const Sharer* group;
  const Holder* holder;
};

// The moment from which it may give way to `waiter`; kNever: not at all, as it is now.
Time ready_at(const Candidate& one, const Sharer& waiter) {
  const Holder& holder = *one.holder;
  if (holder.leaving || holder.is_protected || !holder.idle_since || !holder.up_since) {
    return kNever;
  }
  if (one.group->waiting > 0) return kNever;  // it is about to have something to do
  const Sharing& options = one.group->options;
  const bool outranked = waiter.options.priority > options.priority;
  const Time idle = outranked ? *holder.idle_since : *holder.idle_since + options.yield_after;
  return std::max(idle, *holder.up_since + options.hold);
}

std::vector<Candidate> candidates(std::span<const Sharer> groups, const Sharer& waiter) {
  std::vector<Candidate> result;
  for (const Sharer& group : groups) {
    if (&group == &waiter) continue;
    for (const Holder& holder : group.holders) {
      if (holder.devices > 0) result.push_back({&group, &holder});
    }
  }
  std::ranges::stable_sort(result, [](const Candidate& a, const Candidate& b) {
    const auto idle = [](const Candidate& c) { return c.holder->idle_since.value_or(kNever); };
    if (a.group->options.priority != b.group->options.priority) {
      return a.group->options.priority < b.group->options.priority;
    }
    return idle(a) < idle(b);
  });
  return result;
}

// Chooses for one waiter; what `left` says a group may still give is spent only where it suffices.
class Choice {
 public:
  Choice(std::span<const Sharer> groups, std::vector<std::string>& taken, Sharings& out, Time now)
      : groups_(groups), taken_(taken), out_(out), now_(now) {}

  // Devices that came, `missing` of them at least; or 0 and nothing done.
  std::uint32_t find(const Sharer& waiter, std::uint32_t missing) {
    std::vector<Yield> chosen;
    std::uint32_t found = 0;
    Time next = kNever;
    for (const Candidate& one : candidates(groups_, waiter)) {
      if (found >= missing) break;
      if (std::ranges::find(taken_, one.holder->id) != taken_.end()) continue;
      if (!may_go_below(one, waiter, chosen)) continue;
      const Time ready = ready_at(one, waiter);
      if (ready > now_) {
        next = std::min(next, ready);
        continue;
      }
      chosen.push_back({one.group->name, one.holder->id, reason(one, waiter)});
      found += one.holder->devices;
    }
    if (found < missing) {
      out_.next = std::min(out_.next, next);
      return 0;
    }
    for (Yield& yield : chosen) {
      taken_.push_back(yield.instance);
      out_.yields.push_back(std::move(yield));
    }
    return found;
  }

 private:
  bool may_go_below(const Candidate& one, const Sharer& waiter,
                    const std::vector<Yield>& chosen) const {
    std::uint32_t gone = one.holder->weight;
    for (const Holder& other : one.group->holders) {
      const auto is_other = [&](const Yield& yield) { return yield.instance == other.id; };
      const bool goes =
          std::ranges::any_of(chosen, is_other) || std::ranges::any_of(out_.yields, is_other);
      if (goes) gone += other.weight;
    }
    if (one.group->capacity >= one.group->min + gone) return true;
    return one.group->options.preemptible && waiter.options.priority > one.group->options.priority;
  }

  std::string reason(const Candidate& one, const Sharer& waiter) const {
    const Duration idle = std::chrono::floor<std::chrono::seconds>(now_ - *one.holder->idle_since);
    return fmt::format("{} {} of group {} {} for its {}, and it had been idle for {}",
                       waiter.waiting, waiter.waiting == 1 ? "request" : "requests", waiter.name,
                       waiter.waiting == 1 ? "waited" : "wait",
                       one.holder->devices == 1 ? "device" : "devices", to_string(idle));
  }

  std::span<const Sharer> groups_;
  std::vector<std::string>& taken_;
  Sharings& out_;
  Time now_;
};

}  // namespace

bool goes_first(const Sharer& a, const Sharer& b) {
  if ((a.waiting > 0) != (b.waiting > 0)) return a.waiting > 0;
  if (a.options.priority != b.options.priority) return a.options.priority > b.options.priority;
  return a.waiting_since.value_or(kNever) < b.waiting_since.value_or(kNever);
}

Sharings share(std::span<const Sharer> groups, std::uint32_t free, Time now) {
  Sharings out;
  std::vector<const Sharer*> waiters;
  std::uint32_t coming = free;
  for (const Sharer& group : groups) {
    if (group.wanted > 0 && group.waiting > 0) waiters.push_back(&group);
    for (const Holder& holder : group.holders) {
      if (holder.leaving) coming += holder.devices;
    }
  }
  std::ranges::stable_sort(waiters,
                           [](const Sharer* a, const Sharer* b) { return goes_first(*a, *b); });
  std::vector<std::string> taken;
  for (const Sharer* waiter : waiters) {
    if (coming < waiter->wanted) {
      coming += Choice(groups, taken, out, now).find(*waiter, waiter->wanted - coming);
    }
    coming -= std::min(coming, waiter->wanted);  // it is served first, when they come
  }
  return out;
}

}  // namespace weir::scale
