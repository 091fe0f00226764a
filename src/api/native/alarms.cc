// Alarms: how they stand, their history, and a state set by hand.
#include <algorithm>

#include "api/native/body.h"
#include "api/native/json_writer.h"
#include "api/native/router.h"
#include "base/units.h"

namespace weir::api {
namespace {

void write(JsonWriter& json, const control::AlarmStatus& alarm) {
  json.open().field("name", alarm.name).field("metric", alarm.metric);
  json.field("state", alarm.state).field("since", to_string(alarm.since));
  json.field("reason", alarm.reason).key("newest");
  alarm.newest ? json.value(*alarm.newest) : json.null();
  json.field("threshold", alarm.threshold).field("actions_enabled", alarm.actions_enabled);
}

void write_history(JsonWriter& json, const control::AlarmStatus& alarm) {
  json.key("history").open_list();
  for (const control::AlarmChangeStatus& change : alarm.history) {
    json.open().field("time", to_string(change.time)).field("from", change.from);
    json.field("to", change.to).field("reason", change.reason).field("by_hand", change.by_hand);
    json.close();
  }
  json.close_list();
}

}  // namespace

Task<Answer> alarms(Context& context, const Ask&) {
  JsonWriter json;
  json.open().key("alarms").open_list();
  for (const control::AlarmStatus& one : context.control.alarms()) {
    write(json, one);
    json.close();
  }
  json.close_list().close();
  co_return Answer(json.take());
}

Task<Answer> alarm(Context& context, const Ask& ask) {
  const auto all = context.control.alarms();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == ask.name; });
  if (found == all.end()) {
    co_return error_answer(Error(Code::not_found, "no alarm '" + ask.name + "'"));
  }
  JsonWriter json;
  write(json, *found);
  write_history(json, *found);
  json.close();
  co_return Answer(json.take());
}

Task<Answer> set_alarm(Context& context, const Ask& ask) {
  const auto refused = [](const Error& error) {
    return error_answer(400, "bad_request", error.message);
  };
  const auto body = Body::parse(ask.body, {"state", "reason"});
  if (!body) co_return refused(body.error());
  const auto word = body->text("state");
  if (!word) co_return refused(word.error());
  const auto state = scale::parse_state_word(*word);
  if (!state) {
    co_return refused(Error(Code::invalid, "state: write OK, ALARM or INSUFFICIENT_DATA"));
  }
  const auto reason = body->text("reason");
  if (!reason) co_return refused(reason.error());
  auto setting = context.control.set_alarm(ask.name, *state, *reason);
  const auto done = co_await setting;
  if (!done) co_return error_answer(done.error());
  JsonWriter json;
  json.open().field("name", ask.name).field("state", *word).close();
  co_return Answer(json.take());
}

}  // namespace weir::api
