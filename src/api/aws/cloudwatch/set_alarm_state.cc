#include "api/aws/cloudwatch/book.h"
#include "scale/alarm.h"

namespace weir::amazon::cloudwatch {

Task<Reply<SetAlarmStateOutput>> set_alarm_state(Context& context, const SetAlarmStateInput& in) {
  const bool kept =
      context.world.book<CloudWatchBook>(context.tenant).alarms.contains(*in.AlarmName);
  const bool of_file = context.world.is_home(context.tenant) &&
                       context.world.control().desired().alarms.contains(*in.AlarmName);
  if (!kept && !of_file) co_return refuse("ResourceNotFound", "Unknown alarm " + *in.AlarmName);
  const auto state = scale::parse_state_word(*in.StateValue);
  if (!state) co_return refuse("ValidationError", "Unknown state " + *in.StateValue);
  auto setting = context.world.control().set_alarm(
      context.world.name(context.tenant, *in.AlarmName), *state, *in.StateReason);
  if (const auto done = co_await setting; !done) {
    co_return refuse("ValidationError", done.error().message);
  }
  co_return SetAlarmStateOutput{};
}

}  // namespace weir::amazon::cloudwatch
