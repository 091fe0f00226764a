// The operations on the life of instances: standby, detached and back, answers to lifecycle hooks,
// instance refreshes.
#include "api/native/body.h"
#include "api/native/json_writer.h"
#include "api/native/router.h"
#include "base/log.h"
#include "model/desired_decode.h"

namespace weir::api {
namespace {

Answer moved(const Ask& ask, std::string_view to) {
  LOG(info, "instance moved", {"instance", ask.name}, {"to", to});
  JsonWriter json;
  json.open().field("instance", ask.name).field("state", to).close();
  return Answer(json.take());
}

Answer refreshing(const Ask& ask, std::string_view status) {
  LOG(info, "instance refresh", {"group", ask.name}, {"status", status});
  JsonWriter json;
  json.open().field("name", ask.name).field("status", status).close();
  return Answer(json.take());
}

// continue, abandon, or heartbeat: none.
Result<std::optional<HookResult>> result_of(const std::string& text) {
  if (text == "continue") return HookResult::continue_;
  if (text == "abandon") return HookResult::abandon;
  if (text == "heartbeat") return std::optional<HookResult>();
  return fail(Code::invalid, "result is continue, abandon or heartbeat");
}

}  // namespace

Task<Answer> standby(Context& context, const Ask& ask) {
  const auto body = Body::parse(ask.body, {"off", "replace"});
  if (!body) co_return bad_request(body.error());
  const auto off = body->flag("off");
  if (!off) co_return bad_request(off.error());
  const auto replace = body->flag("replace");
  if (!replace) co_return bad_request(replace.error());
  if (*off) {
    const auto back = co_await context.control.back_into_service(ask.name);
    co_return back ? moved(ask, "pending") : error_answer(back.error());
  }
  const auto done = co_await context.control.standby(ask.name, *replace);
  co_return done ? moved(ask, "entering_standby") : error_answer(done.error());
}

Task<Answer> detach(Context& context, const Ask& ask) {
  const auto body = Body::parse(ask.body, {"replace"});
  if (!body) co_return bad_request(body.error());
  const auto replace = body->flag("replace");
  if (!replace) co_return bad_request(replace.error());
  const auto done = co_await context.control.detach(ask.name, *replace);
  co_return done ? moved(ask, "detaching") : error_answer(done.error());
}

Task<Answer> attach(Context& context, const Ask& ask) {
  const auto body = Body::parse(ask.body, {"group"});
  if (!body) co_return bad_request(body.error());
  const auto group = body->text_or_empty("group");
  if (!group) co_return bad_request(group.error());
  const auto done = co_await context.control.attach(ask.name, *group);
  co_return done ? moved(ask, "pending") : error_answer(done.error());
}

Task<Answer> answer_hook(Context& context, const Ask& ask) {
  const auto body = Body::parse(ask.body, {"hook", "result", "token"});
  if (!body) co_return bad_request(body.error());
  const auto hook = body->text("hook");
  if (!hook) co_return bad_request(hook.error());
  const auto word = body->text("result");
  if (!word) co_return bad_request(word.error());
  const auto result = result_of(*word);
  if (!result) co_return bad_request(result.error());
  const auto token = body->text_or_empty("token");
  if (!token) co_return bad_request(token.error());
  const auto done = co_await context.control.answer_hook(ask.name, *hook, *token, *result);
  if (!done) co_return error_answer(done.error());
  JsonWriter json;
  json.open().field("instance", ask.name).field("hook", *hook).field("result", *word).close();
  co_return Answer(json.take());
}

Task<Answer> start_refresh(Context& context, const Ask& ask) {
  const auto& groups = context.control.desired().scaling_groups;
  const auto group = groups.find(ask.name);
  RefreshOptions options;
  if (group != groups.end()) options = group->second.instance_refresh;
  if (const auto mistakes = decode_refresh(ask.body, options); !mistakes.empty()) {
    co_return mistakes_answer(mistakes);
  }
  const auto done = co_await context.control.start_refresh(ask.name, std::move(options));
  co_return done ? refreshing(ask, "in_progress") : error_answer(done.error());
}

Task<Answer> cancel_refresh(Context& context, const Ask& ask) {
  const auto done = co_await context.control.cancel_refresh(ask.name);
  co_return done ? refreshing(ask, "cancelled") : error_answer(done.error());
}

Task<Answer> roll_back_refresh(Context& context, const Ask& ask) {
  const auto done = co_await context.control.roll_back_refresh(ask.name);
  co_return done ? refreshing(ask, "rollback_in_progress") : error_answer(done.error());
}

}  // namespace weir::api
