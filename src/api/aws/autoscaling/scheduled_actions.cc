// Scheduled actions.
#include "api/aws/autoscaling/parts.h"
#include "api/aws/autoscaling/service.h"
#include "base/cron.h"

namespace weir::amazon::autoscaling {
namespace {

// Written over what is there; -1 is none, as Terraform sends it.
template <class Input>
Reply<void> put_action(const Context& context, AutoScalingBook& book, const std::string& group,
                       const Input& in) {
  Kept<ScheduledUpdateGroupAction> kept;
  auto& value = kept.value;
  const std::string& name = *in.ScheduledActionName;
  const auto* before = book.scheduled.find(key_of(group, name));
  value.AutoScalingGroupName = group;
  value.ScheduledActionName = name;
  value.ScheduledActionARN =
      before ? before->value.ScheduledActionARN
             : make_arn("autoscaling", context.tenant,
                        fmt::format("scheduledUpdateGroupAction:{}:autoScalingGroupName/{}:"
                                    "scheduledActionName/{}",
                                    draw_hex(32), group, name));
  value.StartTime = in.StartTime;
  value.EndTime = in.EndTime;
  value.Recurrence = in.Recurrence;
  value.TimeZone = in.TimeZone;
  const auto count = [](const std::optional<std::int64_t>& n) {
    return n && *n >= 0 ? n : std::nullopt;
  };
  value.MinSize = count(in.MinSize);
  value.MaxSize = count(in.MaxSize);
  value.DesiredCapacity = count(in.DesiredCapacity);
  if (!value.Recurrence && !value.StartTime) {
    return tl::unexpected(invalid("Either Recurrence or StartTime must be specified."));
  }
  if (value.StartTime && !value.Recurrence && *value.StartTime <= context.now) {
    return tl::unexpected(invalid("Given start time is in the past"));
  }
  if (value.Recurrence) {
    const auto cron = Cron::parse(*value.Recurrence, value.TimeZone.value_or("UTC"));
    if (!cron) return tl::unexpected(invalid("Given recurrence string: " + cron.error().message));
    if (!value.StartTime) value.StartTime = cron->next(context.now);
  }
  if (!value.MinSize && !value.MaxSize && !value.DesiredCapacity) {
    return tl::unexpected(
        invalid("At least one of MinSize, MaxSize or DesiredCapacity must be specified."));
  }
  value.Time = value.StartTime;
  book.scheduled.put(key_of(group, name), std::move(kept));
  return {};
}

Fault no_action(const std::string& name) {
  return invalid("Scheduled action name not found - " + name + " not found");
}

}  // namespace

Task<Reply<PutScheduledUpdateGroupActionOutput>> put_scheduled_update_group_action(
    Context& context, const PutScheduledUpdateGroupActionInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY_VOID(check_changeable(context, *in.AutoScalingGroupName));
  PutScheduledUpdateGroupActionInput action = in;
  if (!action.StartTime) action.StartTime = in.Time;  // its former name
  CO_TRY_VOID(
      put_action(context, draft.books().edit<AutoScalingBook>(), *in.AutoScalingGroupName, action));
  CO_TRY_VOID(co_await draft.commit());
  co_return PutScheduledUpdateGroupActionOutput();
}

Task<Reply<BatchPutScheduledUpdateGroupActionOutput>> batch_put_scheduled_update_group_action(
    Context& context, const BatchPutScheduledUpdateGroupActionInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY_VOID(check_changeable(context, *in.AutoScalingGroupName));
  BatchPutScheduledUpdateGroupActionOutput out;
  auto& book = draft.books().edit<AutoScalingBook>();
  for (const ScheduledUpdateGroupActionRequest& one : in.ScheduledUpdateGroupActions) {
    const auto done = put_action(context, book, *in.AutoScalingGroupName, one);
    if (done) continue;
    out.FailedScheduledUpdateGroupActions.push_back({.ScheduledActionName = one.ScheduledActionName,
                                                     .ErrorCode = done.error().code,
                                                     .ErrorMessage = done.error().message});
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return std::move(out);
}

Task<Reply<DescribeScheduledActionsOutput>> describe_scheduled_actions(
    Context& context, const DescribeScheduledActionsInput& in) {
  if (in.AutoScalingGroupName) TRY_VOID(find_group(context, *in.AutoScalingGroupName));
  DescribeScheduledActionsOutput out;
  for (const auto& [key, kept] : context.world.book<AutoScalingBook>(context.tenant).scheduled) {
    const auto& value = kept->value;
    if (in.AutoScalingGroupName && !belongs(key, *in.AutoScalingGroupName)) continue;
    const auto& names = in.ScheduledActionNames;
    if (!names.empty() && std::ranges::find(names, *value.ScheduledActionName) == names.end()) {
      continue;
    }
    if (names.empty() && in.StartTime && value.StartTime < in.StartTime) continue;
    if (names.empty() && in.EndTime && value.StartTime > in.EndTime) continue;
    out.ScheduledUpdateGroupActions.push_back(value);
  }
  TRY_VOID(page(out.ScheduledUpdateGroupActions, in.NextToken, in.MaxRecords, out.NextToken));
  return out;
}

Task<Reply<DeleteScheduledActionOutput>> delete_scheduled_action(
    Context& context, const DeleteScheduledActionInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY_VOID(check_changeable(context, *in.AutoScalingGroupName));
  const std::string key = key_of(*in.AutoScalingGroupName, *in.ScheduledActionName);
  if (!draft.books().edit<AutoScalingBook>().scheduled.erase(key)) {
    co_return tl::unexpected(no_action(*in.ScheduledActionName));
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return DeleteScheduledActionOutput();
}

Task<Reply<BatchDeleteScheduledActionOutput>> batch_delete_scheduled_action(
    Context& context, const BatchDeleteScheduledActionInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  CO_TRY_VOID(check_changeable(context, *in.AutoScalingGroupName));
  BatchDeleteScheduledActionOutput out;
  auto& book = draft.books().edit<AutoScalingBook>();
  for (const std::string& name : in.ScheduledActionNames) {
    if (book.scheduled.erase(key_of(*in.AutoScalingGroupName, name))) continue;
    out.FailedScheduledActions.push_back({.ScheduledActionName = name,
                                          .ErrorCode = "ValidationError",
                                          .ErrorMessage = no_action(name).message});
  }
  CO_TRY_VOID(co_await draft.commit());
  co_return std::move(out);
}

}  // namespace weir::amazon::autoscaling
