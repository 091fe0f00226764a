// The operations that change nothing.
#include <charconv>

#include "api/native/json_writer.h"
#include "api/native/router.h"
#include "api/native/status_json.h"
#include "model/desired_encode.h"

namespace weir::api {
namespace {

constexpr std::size_t kLines = 100;
constexpr std::size_t kMostLines = 10'000;

constexpr std::string_view kIndex = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>weir</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}</style>
</head><body>
<h1>weir</h1>
<p>This is the admin listener. Reading is open on loopback; what changes anything needs the Unix
socket or the bearer token.</p>
<ul>
<li><a href="/api/v1/status">/api/v1/status</a>: everything as it is now</li>
<li><a href="/api/v1/activities">/api/v1/activities</a>: what was scaled, when and why</li>
<li><a href="/metrics">/metrics</a>: for Prometheus</li>
<li><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>: for whoever watches weir</li>
</ul>
<p>On the command line: <code>weir status --watch</code>, <code>weir --help</code>.</p>
</body></html>
)";

Answer plain(std::uint16_t status, std::string text) {
  Answer answer("text/plain", std::move(text));
  answer.status = status;
  return answer;
}

std::size_t line_count(const Ask& ask) {
  const std::string text = query_value(ask.query, "lines").value_or("");
  std::size_t lines = kLines;
  std::from_chars(text.data(), text.data() + text.size(), lines);
  return std::min(lines, kMostLines);
}

}  // namespace

Task<Answer> index(Context&, const Ask&) {
  co_return Answer("text/html; charset=utf-8", std::string(kIndex));
}

Task<Answer> healthz(Context&, const Ask&) { co_return plain(200, "ok\n"); }

Task<Answer> readyz(Context& context, const Ask&) {
  const bool ready = context.control.ready();
  co_return plain(ready ? 200 : 503, ready ? "ready\n" : "not ready: starting or draining\n");
}

Task<Answer> metrics(Context& context, const Ask&) {
  co_return Answer("text/plain; version=0.0.4; charset=utf-8", context.registry.prometheus());
}

Task<Answer> status(Context& context, const Ask&) {
  control::Status status = context.control.status();
  status.version = context.version;
  co_return Answer(status_json(status));
}

Task<Answer> cost(Context& context, const Ask&) {
  co_return Answer(cost_json(context.control.status()));
}

Task<Answer> export_config(Context& context, const Ask& ask) {
  const Desired& desired = context.control.desired();
  const bool yaml = query_value(ask.query, "format") == "yaml";
  if (yaml) co_return Answer("application/yaml", export_yaml(desired));
  const bool in_full = query_value(ask.query, "full") == "true";
  co_return Answer(export_json(desired, in_full) + "\n");
}

Task<Answer> activities(Context& context, const Ask& ask) {
  const auto wanted = query_value(ask.query, "group");
  const control::Status status = context.control.status();
  JsonWriter json;
  json.open().key("activities").open_list();
  bool known = !wanted;
  for (const control::ScalingGroupStatus& group : status.scaling_groups) {
    if (wanted && group.name != *wanted) continue;
    known = true;
    for (const auto& activity : group.activities) write_activity(json, activity, group.name);
  }
  if (!known) {
    co_return error_answer(Error(Code::not_found, "no scaling group '" + *wanted + "'"));
  }
  json.close_list().close();
  co_return Answer(json.take());
}

Task<Answer> instance_log(Context& context, const Ask& ask) {
  const auto path = context.control.log_path(ask.name);
  if (!path) co_return error_answer(path.error());
  const auto lines = context.control.log_tail(ask.name, line_count(ask));
  if (!lines) co_return error_answer(lines.error());
  JsonWriter json;
  json.open().field("instance", ask.name).field("path", *path).key("lines").list(*lines).close();
  co_return Answer(json.take());
}

}  // namespace weir::api
