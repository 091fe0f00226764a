// The operations that change something.
#include <filesystem>

#include "api/native/body.h"
#include "api/native/json_writer.h"
#include "api/native/router.h"
#include "base/log.h"
#include "base/units.h"
#include "tls/inspect.h"

namespace weir::api {
namespace {

struct Given {
  std::string path;  // of the file; empty: the body itself
  Loaded loaded;
};

Given read_given(const Ask& ask) {
  const bool json = ask.content_type.find("json") != std::string::npos;
  if (!json) return {"", load_text(ask.body, "body", tls::host())};
  if (const auto named = named_file(ask.body)) {
    // However it is spelled, it is one owner of what it declares.
    std::error_code ignored;
    const std::string path = std::filesystem::weakly_canonical(*named, ignored).string();
    return {path, load(path.empty() ? *named : path, tls::host())};
  }
  return {"", load_json(ask.body, "body", tls::host())};
}

// The configuration that a request carries, or names. Large ones take long to read, and the
// control thread has others to serve.
Task<Given> given(Context& context, const Ask& ask) {
  std::function<Given()> work = [&ask] { return read_given(ask); };
  auto reading = context.files.run<Given>(context.reactor, std::move(work));
  co_return co_await reading;
}

Answer applied_answer(const control::Applied& applied, const control::Control& control) {
  if (!applied.good()) return mistakes_answer(applied.mistakes);
  JsonWriter json;
  json.open().key("changes").open_list();
  for (const Difference& difference : applied.differences) {
    json.open().field("path", difference.path).field("before", difference.before);
    json.field("after", difference.after).close();
  }
  json.close_list().key("notes").list(applied.notes);
  json.field("config", control.path());
  json.field("snapshot", control.snapshot() ? control.snapshot()->version : 0).close();
  return Answer(json.take());
}

// A body without a file stands for the served file: the next reload restores that.
std::string origin_of(const Given& from, const Context& context) {
  return from.path.empty() ? context.control.path() : from.path;
}

}  // namespace

Task<Answer> apply(Context& context, const Ask& ask) {
  Given from = co_await given(context, ask);
  std::string path = origin_of(from, context);
  LOG(info, "apply asked for", {"from", from.path.empty() ? "body" : from.path});
  const control::Applied applied =
      co_await context.control.apply(std::move(path), std::move(from.loaded));
  co_return applied_answer(applied, context.control);
}

Task<Answer> plan(Context& context, const Ask& ask) {
  const Given from = co_await given(context, ask);
  const control::Applied applied = context.control.plan(origin_of(from, context), from.loaded);
  co_return applied_answer(applied, context.control);
}

Task<Answer> reload(Context& context, const Ask&) {
  const control::Applied applied = co_await context.control.reload();
  co_return applied_answer(applied, context.control);
}

Task<Answer> scale(Context& context, const Ask& ask) {
  const auto body = Body::parse(ask.body, {"desired"});
  if (!body) co_return bad_request(body.error());
  const auto desired = body->number("desired");
  if (!desired) co_return bad_request(desired.error());
  const auto done = co_await context.control.scale(ask.name, *desired);
  if (!done) co_return error_answer(done.error());
  LOG(info, "desired capacity set", {"group", ask.name}, {"desired", *desired});
  JsonWriter json;
  json.open().field("name", ask.name).field("desired", *desired).close();
  co_return Answer(json.take());
}

Task<Answer> drain(Context& context, const Ask& ask) {
  const auto body = Body::parse(ask.body, {"target", "back"});
  if (!body) co_return bad_request(body.error());
  const auto target = body->text("target");
  if (!target) co_return bad_request(target.error());
  const auto back = body->flag("back");
  if (!back) co_return bad_request(back.error());
  if (const auto done = context.control.drain(*target, *back); !done) {
    co_return error_answer(done.error());
  }
  LOG(info, "drain asked for", {"target", *target}, {"back", *back});
  JsonWriter json;
  json.open().field("target", *target).field("draining", !*back).close();
  co_return Answer(json.take());
}

Task<Answer> interruption(Context& context, const Ask& ask) {
  const auto body = Body::parse(ask.body, {"in"});
  if (!body) co_return bad_request(body.error());
  const auto text = body->text("in");
  if (!text) co_return bad_request(text.error());
  const auto in = parse_duration(*text);
  if (!in) co_return bad_request(in.error());
  if (const auto done = context.control.interrupt(ask.name, *in); !done) {
    co_return error_answer(done.error());
  }
  JsonWriter json;
  json.open().field("instance", ask.name).field("in", to_string(*in)).close();
  co_return Answer(json.take());
}

Task<Answer> protect(Context& context, const Ask& ask) {
  const auto body = Body::parse(ask.body, {"off"});
  if (!body) co_return bad_request(body.error());
  const auto off = body->flag("off");
  if (!off) co_return bad_request(off.error());
  const auto done = co_await context.control.protect(ask.name, !*off);
  if (!done) co_return error_answer(done.error());
  LOG(info, "protection set", {"instance", ask.name}, {"on", !*off});
  JsonWriter json;
  json.open().field("instance", ask.name).field("protected", !*off).close();
  co_return Answer(json.take());
}

Task<Answer> stop(Context& context, const Ask& ask) {
  const auto body = Body::parse(ask.body, {"instances"});
  if (!body) co_return bad_request(body.error());
  const auto instances = body->flag("instances");
  if (!instances) co_return bad_request(instances.error());
  LOG(info, "stop asked for", {"instances", *instances});
  JsonWriter json;
  json.open().field("stopping", true).field("instances", *instances).close();
  Answer answer(json.take());
  answer.after = [&context, with = *instances] {
    if (context.on_stop) context.on_stop(with);
  };
  co_return answer;
}

}  // namespace weir::api
