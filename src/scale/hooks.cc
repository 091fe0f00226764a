// Lifecycle hooks: when a wait is over. EC2's rules ("Amazon EC2 Auto Scaling lifecycle hooks",
// user guide): all hooks of a transition are at work at once; a heartbeat gives one its timeout
// again, up to 48 hours or 100 timeouts, whichever is less; one that gave up a launch gives up the
// instance; one that gave up a termination ends the wait of all.
#include <algorithm>

#include "scale/pass.h"

namespace weir::scale {
namespace {

Time limit_of(const LifecycleHook& hook, const HookFacts& at_work) {
  const Duration longest = std::min<Duration>(48h, hook.heartbeat_timeout * 100);
  return std::min(at_work.heartbeat + hook.heartbeat_timeout, at_work.begun + longest);
}

std::optional<HookResult> result_of(Pass& p, const InstanceFacts& i, const LifecycleHook& hook) {
  const auto at_work = std::ranges::find(i.hooks, hook.name, &HookFacts::name);
  if (at_work == i.hooks.end()) return HookResult::continue_;  // came with a later version
  if (at_work->result) return at_work->result;
  const Time limit = limit_of(hook, *at_work);
  if (p.now() < limit) {
    p.wake_at(limit);
    return std::nullopt;
  }
  const bool gives_up = hook.default_result == HookResult::abandon;
  p.out.notes.push_back(fmt::format("hook {} of instance {} gave no sign for {}: {}", hook.name,
                                    i.id, to_string(hook.heartbeat_timeout),
                                    gives_up ? "abandoned" : "goes on"));
  return hook.default_result;
}

}  // namespace

bool has_hooks(const Pass& p, Transition transition) {
  return std::ranges::any_of(p.options.lifecycle_hooks,
                             [&](const auto& hook) { return hook.transition == transition; });
}

std::optional<HookResult> hooks_done(Pass& p, const InstanceFacts& i, Transition transition) {
  bool all = true;
  for (const LifecycleHook& hook : p.options.lifecycle_hooks) {
    if (hook.transition != transition) continue;
    const auto result = result_of(p, i, hook);
    if (result == HookResult::abandon) return result;
    all = all && result.has_value();
  }
  if (!all) return std::nullopt;
  return HookResult::continue_;
}

}  // namespace weir::scale
