// Zonal shift: takes a zone out for a while, and back.
#include "api/native/body.h"
#include "api/native/json_writer.h"
#include "api/native/router.h"
#include "base/log.h"
#include "base/units.h"

namespace weir::api {

Task<Answer> shift_zone(Context& context, const Ask& ask) {
  const auto refused = [](const Error& error) {
    return error_answer(400, "bad_request", error.message);
  };
  const auto body = Body::parse(ask.body, {"for", "cancel"});
  if (!body) co_return refused(body.error());
  const auto cancel = body->flag("cancel");
  if (!cancel) co_return refused(cancel.error());
  JsonWriter json;
  if (*cancel) {
    const auto done = co_await context.control.cancel_shift(ask.name);
    if (!done) co_return error_answer(done.error());
    LOG(info, "zonal shift cancelled", {"zone", ask.name});
    json.open().field("zone", ask.name).field("shifted", false).close();
    co_return Answer(json.take());
  }
  const auto text = body->text("for");
  if (!text) co_return refused(text.error());
  const auto time = parse_duration(*text);
  if (!time) co_return refused(time.error());
  const auto until = co_await context.control.shift_zone(ask.name, *time);
  if (!until) co_return error_answer(until.error());
  LOG(info, "zone shifted away", {"zone", ask.name}, {"until", to_string(*until)});
  json.open().field("zone", ask.name).field("shifted", true);
  json.field("until", to_string(*until)).close();
  co_return Answer(json.take());
}

}  // namespace weir::api
