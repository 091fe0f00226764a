// What the user asked for in matters of an instance's life: hooks, the warm pool, how it is
// replaced. Plain values; part of desired_scaling.h. The names are EC2 Auto Scaling's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/desired_notify.h"
#include "model/names.h"

namespace weir {

enum class Transition : std::uint8_t { launching, terminating };
enum class HookResult : std::uint8_t { abandon, continue_ };

// Holds an instance on its way into or out of service until somebody has done what has to be done:
// the command, who got the webhook, or a user of the API (`weir complete`).
struct LifecycleHook {
  std::string name;
  Transition transition = Transition::launching;
  Names command;  // run by weir; exit status 0 is continue, all else abandon
  // Is sent a POST; its answer {"result": "continue"} or {"result": "abandon"} completes it.
  std::optional<Webhook> webhook;
  Duration heartbeat_timeout = 3600s;  // without a sign of life: the default result
  HookResult default_result = HookResult::abandon;
  bool operator==(const LifecycleHook&) const = default;
};

// A command that is asked who goes first in a scale-in.
struct TerminationCommand {
  Names command;
  Duration timeout = 10s;
  bool operator==(const TerminationCommand&) const = default;
};

// Instances that are started ahead, to be in service at once.
struct WarmPool {
  std::uint32_t min = 0;  // at least that many, whatever desired is
  // With those in service at most that many are prepared; default: the group's max.
  std::optional<std::uint32_t> max_prepared;
  bool stopped = false;            // rest stopped (SIGSTOP): they take memory, and no CPU
  bool reuse_on_scale_in = false;  // what is scaled in goes to the pool
  bool operator==(const WarmPool&) const = default;
};

// How instances are replaced, in percent of desired: at least `min_healthy` in service and healthy,
// at most `max_healthy` there. Above 100 the new one comes before the old one goes.
struct Maintenance {
  std::uint32_t min_healthy = 100;  // 0 to 100
  std::uint32_t max_healthy = 110;  // 100 to 200
  bool operator==(const Maintenance&) const = default;
};

// What a refresh does with instances that are protected from scale-in, or in standby.
enum class Spared : std::uint8_t { ignore, wait, replace };

// An instance refresh: all instances are replaced, step by step.
struct RefreshOptions {
  bool automatic = false;                  // begins by itself when the launch template changes
  std::optional<Maintenance> maintenance;  // default: the group's
  std::optional<Duration>
      warm_up;  // of an instance before it counts as ready; default: the group's
  std::vector<std::uint32_t> checkpoints;  // percent, rising; the last one is where it ends
  Duration checkpoint_delay = 3600s;
  std::uint32_t canary = 0;  // percent of the requests for new instances up to the first checkpoint
  bool skip_matching = true;  // those that have the version already stay
  bool auto_rollback = false;
  std::vector<std::string> alarms;  // one that goes into alarm fails it
  Spared protected_instances = Spared::wait;
  Spared standby_instances = Spared::ignore;
  bool operator==(const RefreshOptions&) const = default;
};

}  // namespace weir
