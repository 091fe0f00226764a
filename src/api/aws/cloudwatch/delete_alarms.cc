#include <fmt/format.h>

#include "api/aws/cloudwatch/book.h"

namespace weir::amazon::cloudwatch {

// All of them or, where one does not exist, none.
Task<Reply<DeleteAlarmsOutput>> delete_alarms(Context& context, const DeleteAlarmsInput& in) {
  auto turn = context.world.change(context.tenant);
  Draft draft = co_await turn;
  auto& alarms = draft.books().edit<CloudWatchBook>().alarms;
  std::string missing;
  for (const std::string& name : in.AlarmNames) {
    if (alarms.erase(name)) continue;
    if (context.world.is_home(context.tenant) &&
        context.world.control().desired().alarms.contains(name)) {
      co_return refuse("ValidationError",
                       fmt::format("Alarm {} is declared by a file: take it out there", name));
    }
    missing += (missing.empty() ? "" : " ") + name;
  }
  if (!missing.empty()) {
    co_return refuse("ResourceNotFound", fmt::format("Alarms not found: {}", missing));
  }
  auto committing = draft.commit();
  CO_TRY_VOID(co_await committing);
  co_return DeleteAlarmsOutput{};
}

}  // namespace weir::amazon::cloudwatch
