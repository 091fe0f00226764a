// GET /api/v1/events: what happens, as it happens: server-sent events (WHATWG HTML, section 9.2),
// or with follow=false those that are kept, as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/native/json_writer.h"
#include "api/native/router.h"

namespace weir::api {
namespace {

constexpr std::size_t kMostStreams = 64;
constexpr std::size_t kAtOnce = 50;   // events in one write
constexpr Duration kStillHere = 15s;  // a comment, so that nobody in between thinks it dead
constexpr std::size_t kDefaultList = 100;

// In the set for as long as it lives.
class Follower {
 public:
  explicit Follower(Context& context)
      : streams_(context.streams),
        signal_(context.reactor),
        listener_(context.control.events(), [this](const Event&) { signal_.set(); }) {
    streams_.all.insert(&signal_);
  }
  ~Follower() { streams_.all.erase(&signal_); }
  net::Signal& signal() { return signal_; }

 private:
  Streams& streams_;
  net::Signal signal_;
  control::Events::Listener listener_;
};

std::string block_of(const Event& event) {
  return fmt::format("id: {}\nevent: {}\ndata: {}\n\n", event.id, to_string(event.kind),
                     to_json(event));
}

// What came after `after`, which becomes the last of it.
std::string blocks_since(const control::Events& events, std::uint64_t& after) {
  std::string text;
  for (const Event& event : events.since(after, kAtOnce)) {
    text += block_of(event);
    after = event.id;
  }
  return text;
}

Task<> follow(Context& context, http::Exchange& exchange, std::uint64_t after) {
  const HeaderView fields[] = {{"Cache-Control", "no-store"},
                               {"X-Content-Type-Options", "nosniff"},
                               {"Content-Type", "text/event-stream"}};
  http::Reply reply;
  reply.add = fields;
  reply.framing.kind = http::Framing::Kind::chunked;
  reply.close = true;
  Follower follower(context);
  const bool head_only = exchange.request().method == "HEAD";
  net::Io sent = co_await exchange.start(reply, "retry: 2000\n\n", head_only);
  if (head_only) co_return;
  while (sent == net::Io::ok && !context.streams.ending) {
    std::string text = blocks_since(context.control.events(), after);
    if (text.empty()) {
      const net::Deadline then(context.reactor.clock().now() + kStillHere, &exchange.gone());
      const net::Io woken = co_await follower.signal().wait(then);
      if (woken == net::Io::cancelled) co_return;
      if (woken == net::Io::timeout) text = ": still here\n\n";
    }
    if (!text.empty()) sent = co_await exchange.write(text, false);
  }
  if (sent == net::Io::ok) co_await exchange.write("", true);
}

std::optional<std::uint64_t> number_of(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Answer list(const control::Events& events, std::uint64_t after, std::size_t limit) {
  auto kept = events.since(after);
  if (kept.size() > limit)
    kept.erase(kept.begin(), kept.end() - static_cast<std::ptrdiff_t>(limit));
  std::string json = fmt::format("{{\"last\":{},\"events\":[", events.last());
  for (std::size_t i = 0; i < kept.size(); ++i) json += (i ? "," : "") + to_json(kept[i]);
  return Answer(json + "]}\n");
}

}  // namespace

Task<Answer> events(Context& context, const Ask& ask) {
  const control::Events& events = context.control.events();
  const bool listed = query_value(ask.query, "follow") == "false";
  std::optional<std::uint64_t> after = listed ? 0 : events.last();
  std::optional<std::uint64_t> limit = kDefaultList;
  if (const auto given = query_value(ask.query, "after")) after = number_of(*given);
  if (!ask.last_event_id.empty()) after = number_of(ask.last_event_id);
  if (const auto given = query_value(ask.query, "limit")) limit = number_of(*given);
  if (!after || !limit) {
    co_return error_answer(400, "bad_request",
                           "after, limit and Last-Event-ID are numbers: ids of events");
  }
  if (listed) co_return list(events, *after, static_cast<std::size_t>(*limit));
  if (context.streams.all.size() >= kMostStreams) {
    co_return error_answer(Error(Code::limit, "64 streams of events are open: close one"));
  }
  Answer answer;
  answer.stream = [&context, from = *after](http::Exchange& exchange) {
    return follow(context, exchange, from);
  };
  co_return std::move(answer);
}

}  // namespace weir::api
