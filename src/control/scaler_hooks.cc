// Lifecycle hooks of a scaler: a command is run, a webhook is told, and somebody answers.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "control/scaler.h"
#include "notify/command.h"

namespace weir::control {
namespace {

using Json = nlohmann::json;

std::string new_token() {
  static Random random(system_seed());
  return fmt::format("{:016x}{:016x}", random(), random());
}

std::string_view to_string(Transition transition) {
  return transition == Transition::launching ? "launching" : "terminating";
}

// {"result": "continue"}; nothing where it says anything else.
std::optional<HookResult> result_of(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("result")) return std::nullopt;
  if (json["result"] == "continue") return HookResult::continue_;
  if (json["result"] == "abandon") return HookResult::abandon;
  return std::nullopt;
}

}  // namespace

void Scaler::begin_hooks(Member& member, Transition transition) {
  const WallTime now = host_.reactor.clock().wall();
  for (const LifecycleHook& hook : options_.lifecycle_hooks) {
    if (hook.transition != transition) continue;
    member.record.hooks.push_back({hook.name, new_token(), now, now});
  }
}

// Those of its wait that have not answered; after a restart of weir for a second time.
void Scaler::run_hooks(const Member& member) {
  using enum scale::Lifecycle;
  if (member.record.state != pending_wait && member.record.state != terminating_wait) return;
  for (const HookRecord& at_work : member.record.hooks) {
    if (at_work.result) continue;
    tell_hook(member, at_work, "waits for", "");
    const auto hook =
        std::ranges::find(options_.lifecycle_hooks, at_work.name, &LifecycleHook::name);
    if (hook == options_.lifecycle_hooks.end()) continue;
    if (hook->command.empty() && !hook->webhook) continue;
    background_.spawn(run_hook(member.record.id, *hook, at_work.token));
  }
}

Task<> Scaler::run_hook(std::string id, LifecycleHook hook, std::string token) {
  const auto found = members_.find(id);
  if (found == members_.end()) co_return;
  const InstanceRecord& record = found->second.record;
  const Json said{{"hook", hook.name},
                  {"transition", to_string(hook.transition)},
                  {"group", name_},
                  {"instance", id},
                  {"address", found->second.address},
                  {"zone", record.zone},
                  {"version", record.version},
                  {"token", token}};
  if (hook.webhook) {
    notify::Message message;
    message.kind = "hook";
    message.id = token;
    message.body = said.dump(-1, ' ', false, Json::error_handler_t::replace);
    const auto posted =
        co_await host_.webhooks.post(*std::move(hook.webhook), std::move(message), &hooks_stop_);
    if (!posted) {
      LOG(warn, "webhook of a lifecycle hook not delivered", {"group", name_}, {"hook", hook.name},
          {"instance", id}, {"error", posted.error().message});
    } else if (const auto result = result_of(posted->body)) {
      hook_done(id, token, *result, "its webhook answered");
    }
    co_return;
  }
  notify::CommandCall call;
  call.arguments = std::move(hook.command);
  call.input = said.dump(-1, ' ', false, Json::error_handler_t::replace);
  call.environment = {{"WEIR_HOOK", hook.name},
                      {"WEIR_TRANSITION", std::string(to_string(hook.transition))},
                      {"WEIR_GROUP", name_},
                      {"WEIR_INSTANCE", id},
                      {"WEIR_ADDRESS", found->second.address},
                      {"WEIR_TOKEN", token}};
  call.timeout = hook.heartbeat_timeout;
  const auto done = co_await notify::run_command(host_.reactor, std::move(call), &hooks_stop_);
  if (hooks_stop_.raised()) co_return;
  if (!done && done.error().code == Code::timeout) co_return;  // the engine says what follows
  if (!done) {
    hook_done(id, token, HookResult::abandon, done.error().message);
  } else {
    const std::string trouble = notify::complaint(*done);
    hook_done(id, token, trouble.empty() ? HookResult::continue_ : HookResult::abandon,
              trouble.empty() ? "its command ended well" : trouble);
  }
}

void Scaler::hook_done(const std::string& id, const std::string& token, HookResult result,
                       const std::string& how) {
  const auto found = members_.find(id);
  if (found == members_.end()) return;
  Member& member = found->second;
  const auto hook = std::ranges::find(member.record.hooks, token, &HookRecord::token);
  if (hook == member.record.hooks.end() || hook->result) return;
  hook->result = result;
  save(member);
  tell_hook(member, *hook, result == HookResult::continue_ ? "goes on after" : "is given up by",
            how);
  ask();
}

Task<Result<>> Scaler::answer_hook(std::string instance, std::string name, std::string token,
                                   std::optional<HookResult> result) {
  CO_TRY(Member * member, find(instance));
  const auto hook = std::ranges::find(member->record.hooks, name, &HookRecord::name);
  if (hook == member->record.hooks.end() || hook->result) {
    co_return fail(Code::conflict,
                   fmt::format("instance {} does not wait for a hook '{}'", instance, name));
  }
  if (!token.empty() && token != hook->token) {
    co_return fail(Code::invalid, "the token is not that of this wait");
  }
  if (result) {
    hook_done(instance, hook->token, *result, "a user answered");
  } else {
    hook->heartbeat = host_.reactor.clock().wall();
    save(*member);
    ask();
  }
  co_return Result<>();
}

void Scaler::tell_hook(const Member& member, const HookRecord& hook, const std::string& what,
                       const std::string& cause) {
  LOG(info, "lifecycle hook", {"group", name_}, {"instance", member.record.id}, {"hook", hook.name},
      {"what", what}, {"cause", cause});
  Event event;
  event.kind = EventKind::hook;
  event.group = name_;
  event.instance = member.record.id;
  event.description = fmt::format("Instance {} {} the hook {}", member.record.id, what, hook.name);
  event.cause = cause;
  event.details = {{"hook", hook.name},
                   {"state", std::string(scale::to_string(member.record.state))},
                   {"token", hook.token}};
  if (!member.address.empty()) event.details.emplace_back("address", member.address);
  if (hook.result) {
    event.details.emplace_back("result",
                               *hook.result == HookResult::continue_ ? "continue" : "abandon");
  }
  host_.events.publish(std::move(event));
}

}  // namespace weir::control
