// The tables of an instance's life: hooks, warm pools, replacement.
#include "config/field.h"
#include "config/word.h"
#include "model/desired_fields.h"
#include "model/desired_syntax.h"

namespace weir {

using config::also_called;
using config::between;
using config::field;
using config::field_as;
using config::is;
using config::required;
using config::struct_type;
using config::word_type;

namespace {

const config::Type& spared_type() {
  return word_type<Spared>(
      {{"ignore", Spared::ignore}, {"wait", Spared::wait}, {"replace", Spared::replace}});
}

}  // namespace

const config::Type& config_type(const LifecycleHook*) {
  static const auto type = struct_type<LifecycleHook>(
      "map",
      {field("name", &LifecycleHook::name, "by which it is completed",
             required("name: load_adapter"), is(syntax::resource_name)),
       also_called(field_as(word_type<Transition>({{"launching", Transition::launching},
                                                   {"terminating", Transition::terminating}}),
                            "transition", &LifecycleHook::transition,
                            "launching: healthy, and not in service yet; terminating: drained, and "
                            "not stopped yet"),
                   {"on", "when", "lifecycle_transition"}),
       also_called(field("command", &LifecycleHook::command,
                         "run by weir with WEIR_HOOK, WEIR_TRANSITION, WEIR_GROUP, WEIR_INSTANCE "
                         "and WEIR_ADDRESS; exit status 0 is continue, all else abandon"),
                   {"exec", "run"}),
       also_called(field("webhook", &LifecycleHook::webhook,
                         "is sent a POST; an answer {\"result\": \"continue\"} or \"abandon\" "
                         "completes it, any other leaves that to weir complete"),
                   {"http", "post"}),
       also_called(field("heartbeat_timeout", &LifecycleHook::heartbeat_timeout,
                         "without a sign of life: the default result", between(1s, 48h)),
                   {"timeout"}),
       also_called(field_as(word_type<HookResult>({{"abandon", HookResult::abandon},
                                                   {"continue", HookResult::continue_}}),
                            "default_result", &LifecycleHook::default_result,
                            "abandon a launch: the instance is replaced"),
                   {"default"})});
  return type;
}

const config::Type& config_type(const TerminationCommand*) {
  static const auto type = struct_type<TerminationCommand>(
      "map", {also_called(field("command", &TerminationCommand::command,
                                "is told the candidates as JSON; the last line that it writes says "
                                "who goes: {\"terminate\": [\"i-...\"]}",
                                required("command: [/usr/local/bin/choose]")),
                          {"exec", "run"}),
              field("timeout", &TerminationCommand::timeout,
                    "without an answer: termination_policies decide", between(100ms, 1h))});
  return type;
}

const config::Type& config_type(const WarmPool*) {
  static const auto type = struct_type<WarmPool>(
      "map", {also_called(field("min", &WarmPool::min, "at least that many, whatever desired is",
                                between(0, 10000)),
                          {"min_size", "size"}),
              also_called(field("max_prepared", &WarmPool::max_prepared,
                                "with those in service at most that many; default: the group's max",
                                between(0, 10000)),
                          {"max_group_prepared_capacity", "max_prepared_capacity"}),
              field("stopped", &WarmPool::stopped,
                    "they rest stopped (SIGSTOP): they take memory, and no CPU"),
              also_called(field("reuse_on_scale_in", &WarmPool::reuse_on_scale_in,
                                "what is scaled in goes to the pool"),
                          {"reuse"})});
  return type;
}

const config::Type& config_type(const Maintenance*) {
  static const auto type = struct_type<Maintenance>(
      "map",
      {also_called(field("min_healthy", &Maintenance::min_healthy,
                         "percent of desired that stays in service and healthy", between(0, 100)),
                   {"min_healthy_percentage"}),
       also_called(field("max_healthy", &Maintenance::max_healthy,
                         "percent of desired that may be there at once; above 100 the new one "
                         "comes before the old one goes",
                         between(100, 200)),
                   {"max_healthy_percentage"})});
  return type;
}

const config::Type& config_type(const RefreshOptions*) {
  static const auto type = struct_type<RefreshOptions>(
      "map",
      {also_called(field("automatic", &RefreshOptions::automatic,
                         "begins by itself when the launch template changes"),
                   {"auto", "on_change"}),
       also_called(field("maintenance", &RefreshOptions::maintenance,
                         "how many at a time; default: as the group says"),
                   {"instance_maintenance_policy", "preferences"}),
       also_called(field("warm_up", &RefreshOptions::warm_up,
                         "of a new instance before it counts as ready; default: the group's",
                         between(0s, 24h)),
                   {"instance_warmup", "warmup"}),
       also_called(field("checkpoints", &RefreshOptions::checkpoints,
                         "percent, rising, at each of which it waits; the last one is its end",
                         between(1, 100)),
                   {"checkpoint_percentages"}),
       field("checkpoint_delay", &RefreshOptions::checkpoint_delay, "how long it waits there",
             between(0s, 48h)),
       field("canary", &RefreshOptions::canary,
             "percent of the requests for new instances, until the first checkpoint is past; 0: "
             "their share",
             between(0, 99)),
       field("skip_matching", &RefreshOptions::skip_matching,
             "instances that have the version already stay"),
       field("auto_rollback", &RefreshOptions::auto_rollback,
             "goes back to the version before where it fails"),
       also_called(field("alarms", &RefreshOptions::alarms, "one that goes into alarm fails it"),
                   {"alarm"}),
       also_called(
           field_as(spared_type(), "protected_instances", &RefreshOptions::protected_instances,
                    "what becomes of those that are protected from scale-in"),
           {"scale_in_protected_instances"}),
       field_as(spared_type(), "standby_instances", &RefreshOptions::standby_instances,
                "and of those in standby")});
  return type;
}

}  // namespace weir
