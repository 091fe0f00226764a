// Metrics by name: which there are, the values of one, and what users push.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/native/json_writer.h"
#include "api/native/router.h"
#include "base/wall_time.h"
#include "config/json.h"

namespace weir::api {
namespace {

using config::Node;

constexpr std::size_t kMostPushed = 1000;
constexpr std::uint32_t kDefaultSeconds = 300;
constexpr std::uint32_t kMostSeconds = 3 * 3600;

struct Pushed {
  MetricName name;
  double value = 0;
  std::optional<WallTime> time;
};

auto wrong(std::size_t index, std::string_view what) {
  return fail(Code::invalid, fmt::format("metrics[{}]: {}", index, what));
}

// {"name": "backlog", "dimensions": {"model": "a"}, "value": 3, "time": "..."}
Result<Pushed> pushed_of(const Node& node, std::size_t index) {
  Pushed result;
  if (node.kind != Node::Kind::map) return wrong(index, "is no object");
  std::string name;
  bool valued = false;
  for (const config::Entry& entry : node.entries) {
    const Node& value = entry.value;
    if (entry.key == "name" && value.kind == Node::Kind::scalar) {
      name = value.text;
    } else if (entry.key == "dimensions" && value.kind == Node::Kind::map) {
      for (const config::Entry& one : value.entries) {
        result.name.dimensions.emplace(one.key, one.value.text);
      }
    } else if (entry.key == "value" && value.kind == Node::Kind::scalar && !value.quoted) {
      const auto [end, error] =
          std::from_chars(value.text.data(), value.text.data() + value.text.size(), result.value);
      valued = error == std::errc() && end == value.text.data() + value.text.size();
    } else if (entry.key == "time" && value.kind == Node::Kind::scalar) {
      const auto time = parse_wall_time(value.text);
      if (!time) return wrong(index, "time: " + time.error().message);
      result.time = *time;
    } else {
      return wrong(index, fmt::format("{}: there are name (a text), dimensions (an object of "
                                      "texts), value (a number) and time (2026-12-24T08:00:00Z)",
                                      entry.key));
    }
  }
  if (!valued) return wrong(index, "value: must be given, and a number");
  // As text and back: one place says what a name may be.
  result.name.name = name;
  const auto checked = parse_metric_name(to_string(result.name));
  if (!checked) return wrong(index, checked.error().message);
  if (checked->dimensions != result.name.dimensions) {
    return wrong(index, "a dimension has no good name or value");
  }
  result.name = *checked;
  return result;
}

Result<std::vector<Pushed>> read_pushed(const std::string& body) {
  config::Findings findings;
  const Node root = config::parse_json(body, 0, findings);
  if (!findings.empty()) {
    const auto mistakes = findings.locate(config::Document{{"body"}, {}});
    return fail(Code::invalid, config::to_string(mistakes.front()));
  }
  const config::Entry* list = root.find("metrics");
  const std::vector<Node> items =
      list && list->value.kind == Node::Kind::sequence ? list->value.items : std::vector{root};
  if (items.size() > kMostPushed) return fail(Code::invalid, "at most 1000 metrics in one request");
  std::vector<Pushed> all;
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY(all.emplace_back(), pushed_of(items[i], i));
  }
  return all;
}

std::uint32_t seconds_of(const Ask& ask) {
  const std::string text = query_value(ask.query, "last").value_or("");
  std::uint32_t seconds = kDefaultSeconds;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::clamp(seconds, 1u, kMostSeconds);
}

// The last so many minutes, at most 15 days of them.
Task<Answer> minutes(Context& context, std::string name, std::string count) {
  std::uint32_t last = 0;
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), last);
  if (error != std::errc() || end != count.data() + count.size()) {
    co_return error_answer(400, "bad_request", "minutes: write a number");
  }
  const WallTime from = context.reactor.clock().wall() - std::chrono::minutes(last);
  auto reading = context.control.minutes(name, from);
  const auto points = co_await reading;
  if (!points) co_return error_answer(points.error());
  if (points->empty() && !context.control.meters().library().find(name)) {
    co_return error_answer(Error(Code::not_found, "no metric '" + name + "'"));
  }
  JsonWriter json;
  json.open().field("name", name).field("step_seconds", 60).key("points").open_list();
  for (const state::Point& point : *points) {
    json.open_list().value(point.at.time_since_epoch() / 1s).value(point.value).close_list();
  }
  json.close_list().close();
  co_return Answer(json.take());
}

}  // namespace

Task<Answer> read_metrics(Context& context, const Ask& ask) {
  const series::Library& library = context.control.meters().library();
  JsonWriter json;
  const auto name = query_value(ask.query, "name");
  if (!name) {
    json.open().key("metrics").list(library.names(query_value(ask.query, "prefix").value_or("")));
    json.field("bytes", library.bytes()).field("refused", library.refused()).close();
    co_return Answer(json.take());
  }
  const auto parsed = parse_metric_name(*name);
  if (!parsed) co_return error_answer(400, "bad_request", parsed.error().message);
  if (const auto given = query_value(ask.query, "minutes")) {
    auto reading = minutes(context, to_string(*parsed), *given);
    co_return co_await reading;
  }
  const series::Track* track = library.find(to_string(*parsed));
  if (!track) {
    co_return error_answer(Error(Code::not_found, "no metric '" + to_string(*parsed) + "'"));
  }
  const Time now = context.reactor.clock().now();
  const WallTime wall = context.reactor.clock().wall();
  json.open().field("name", to_string(*parsed)).field("step_seconds", 1).key("points").open_list();
  for (std::uint32_t ago = seconds_of(ask); ago-- > 0;) {
    const auto sample = track->at(now - std::chrono::seconds(ago));
    if (!sample) continue;
    const WallTime at = wall - std::chrono::seconds(ago);
    json.open_list().value(at.time_since_epoch() / 1s).value(sample->mean()).close_list();
  }
  json.close_list().close();
  co_return Answer(json.take());
}

// What cannot be read refuses all of them; what cannot be kept those behind it.
Task<Answer> push_metrics(Context& context, const Ask& ask) {
  const auto all = read_pushed(ask.body);
  if (!all) co_return error_answer(400, "bad_request", all.error().message);
  std::size_t kept = 0;
  for (const Pushed& one : *all) {
    const auto done = context.control.push(one.name, one.value, one.time);
    if (!done) co_return error_answer(done.error());
    ++kept;
  }
  JsonWriter json;
  json.open().field("kept", kept).close();
  co_return Answer(json.take());
}

}  // namespace weir::api
