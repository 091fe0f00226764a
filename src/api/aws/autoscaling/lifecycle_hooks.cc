// Lifecycle hooks, and the answers that instances wait for.
#include "api/aws/autoscaling/parts.h"
#include "api/aws/autoscaling/service.h"

namespace weir::amazon::autoscaling {
namespace {

Fault no_hook(const std::string& group, const std::string& name) {
  return invalid(fmt::format("No Lifecycle Hook found with name {} of group {}", name, group));
}

// A completion, or a heartbeat where `result` is none.
template <class Input>
Task<Reply<void>> answer(Context& context, const Input& in, std::optional<HookResult> result) {
  const std::string& group = *in.AutoScalingGroupName;
  CO_TRY_VOID(find_group(context, group));
  auto& control = context.world.control();
  const std::string inner = inner_name(context, group);
  const auto declared = control.desired().scaling_groups.find(inner);
  const bool known =
      declared != control.desired().scaling_groups.end() &&
      std::ranges::any_of(declared->second.lifecycle_hooks, [&](const weir::LifecycleHook& hook) {
        return hook.name == *in.LifecycleHookName;
      });
  if (!known) co_return tl::unexpected(no_hook(group, *in.LifecycleHookName));
  const std::string token = in.LifecycleActionToken.value_or("");
  std::vector<std::string> instances;
  if (in.InstanceId) {
    instances.push_back(*in.InstanceId);
  } else if (const auto status = control.group_status(inner)) {
    for (const auto& one : status->instances) instances.push_back(one.id);
  }
  std::string why = "the instance is not there";
  for (const std::string& id : instances) {
    if (group_of_instance(context, id) != group) continue;
    auto answering = control.answer_hook(id, *in.LifecycleHookName, token, result);
    const auto done = co_await answering;
    if (done) co_return Reply<void>();
    why = done.error().message;
  }
  co_return tl::unexpected(invalid(
      fmt::format("No active Lifecycle Action found with {}: {}",
                  in.InstanceId ? "instance ID " + *in.InstanceId : "token " + token, why)));
}

}  // namespace

Task<Reply<PutLifecycleHookOutput>> put_lifecycle_hook(Context& context,
                                                       const PutLifecycleHookInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  const std::string& group = *in.AutoScalingGroupName;
  CO_TRY_VOID(check_changeable(context, group));
  if (in.NotificationTargetARN && !in.NotificationTargetARN->empty()) {
    co_return tl::unexpected(invalid("Unable to publish test message to notification target " +
                                     *in.NotificationTargetARN + ": weir has no queues or topics"));
  }
  auto& book = draft.books().edit<AutoScalingBook>();
  const std::string key = key_of(group, *in.LifecycleHookName);
  const auto* before = book.hooks.find(key);
  if (before == nullptr && !in.LifecycleTransition) {
    co_return tl::unexpected(invalid("LifecycleTransition is required for a new lifecycle hook"));
  }
  Kept<model::LifecycleHook> kept = before ? *before : Kept<model::LifecycleHook>();
  auto& value = kept.value;
  value.LifecycleHookName = in.LifecycleHookName;
  value.AutoScalingGroupName = group;
  if (in.LifecycleTransition) value.LifecycleTransition = in.LifecycleTransition;
  if (in.RoleARN) value.RoleARN = in.RoleARN;
  if (in.NotificationMetadata) value.NotificationMetadata = in.NotificationMetadata;
  if (in.HeartbeatTimeout) value.HeartbeatTimeout = in.HeartbeatTimeout;
  if (in.DefaultResult) value.DefaultResult = in.DefaultResult;
  if (!value.HeartbeatTimeout) value.HeartbeatTimeout = 3600;
  if (!value.DefaultResult) value.DefaultResult = "ABANDON";
  value.GlobalTimeout = std::min<std::int64_t>(172800, *value.HeartbeatTimeout * 100);
  book.hooks.put(key, std::move(kept));
  CO_TRY_VOID(co_await draft.commit());
  co_return PutLifecycleHookOutput();
}

Task<Reply<DescribeLifecycleHooksOutput>> describe_lifecycle_hooks(
    Context& context, const DescribeLifecycleHooksInput& in) {
  TRY_VOID(find_group(context, *in.AutoScalingGroupName));
  DescribeLifecycleHooksOutput out;
  for (const auto& [key, kept] : context.world.book<AutoScalingBook>(context.tenant).hooks) {
    if (!belongs(key, *in.AutoScalingGroupName)) continue;
    const auto& names = in.LifecycleHookNames;
    const std::string& name = *kept->value.LifecycleHookName;
    if (!names.empty() && std::ranges::find(names, name) == names.end()) continue;
    out.LifecycleHooks.push_back(kept->value);
  }
  return out;
}

Task<Reply<DeleteLifecycleHookOutput>> delete_lifecycle_hook(Context& context,
                                                             const DeleteLifecycleHookInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  const std::string key = key_of(*in.AutoScalingGroupName, *in.LifecycleHookName);
  if (!draft.books().edit<AutoScalingBook>().hooks.erase(key)) {
    co_return tl::unexpected(no_hook(*in.AutoScalingGroupName, *in.LifecycleHookName));
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return DeleteLifecycleHookOutput();
}

Task<Reply<CompleteLifecycleActionOutput>> complete_lifecycle_action(
    Context& context, const CompleteLifecycleActionInput& in) {
  const bool go_on = in.LifecycleActionResult == "CONTINUE";
  if (!go_on && in.LifecycleActionResult != "ABANDON") {
    co_return tl::unexpected(invalid("LifecycleActionResult must be CONTINUE or ABANDON"));
  }
  auto answering = answer(context, in, go_on ? HookResult::continue_ : HookResult::abandon);
  CO_TRY_VOID(co_await answering);
  co_return CompleteLifecycleActionOutput();
}

Task<Reply<RecordLifecycleActionHeartbeatOutput>> record_lifecycle_action_heartbeat(
    Context& context, const RecordLifecycleActionHeartbeatInput& in) {
  auto answering = answer(context, in, std::nullopt);
  CO_TRY_VOID(co_await answering);
  co_return RecordLifecycleActionHeartbeatOutput();
}

}  // namespace weir::amazon::autoscaling
