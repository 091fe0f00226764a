// EnableAlarmActions and DisableAlarmActions: one idea with two names.
#include "api/aws/cloudwatch/book.h"

namespace weir::amazon::cloudwatch {
namespace {

Task<Reply<void>> set_actions(Context& context, const aws::ListOf<std::string>& names, bool on) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& alarms = draft.books().edit<CloudWatchBook>().alarms;
  for (const std::string& name : names) {
    // One that does not exist is passed over, as CloudWatch does.
    if (Kept<MetricAlarm>* kept = alarms.edit(name)) kept->value.ActionsEnabled = on;
  }
  auto committing = draft.commit();
  co_return co_await committing;
}

}  // namespace

Task<Reply<EnableAlarmActionsOutput>> enable_alarm_actions(Context& context,
                                                           const EnableAlarmActionsInput& in) {
  auto setting = set_actions(context, in.AlarmNames, true);
  CO_TRY_VOID(co_await setting);
  co_return EnableAlarmActionsOutput{};
}

Task<Reply<DisableAlarmActionsOutput>> disable_alarm_actions(Context& context,
                                                             const DisableAlarmActionsInput& in) {
  auto setting = set_actions(context, in.AlarmNames, false);
  CO_TRY_VOID(co_await setting);
  co_return DisableAlarmActionsOutput{};
}

}  // namespace weir::amazon::cloudwatch
