#include "control/interruption_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "http/exchange.h"
#include "http/h1_call.h"
#include "model/plain_url.h"
#include "net/address.h"
#include "scale/notice.h"

namespace weir::control {
namespace {

constexpr Duration kPatience = 2s;  // for one answer
constexpr http::HeadLimits kHeadLimits{16 * 1024, 100};
constexpr std::size_t kMostBody = 16 * 1024;

}  // namespace

struct InterruptionWatch::Asked {
  std::string group;
  std::string launch_template;
  PlainUrl url;
  Duration every{};
  std::optional<WallTime> told;  // the moment that it last named
  std::string trouble;           // of the last answer
  net::Interrupt closing;
};

InterruptionWatch::InterruptionWatch(net::Reactor& reactor, Told told)
    : reactor_(reactor), told_(std::move(told)) {}

InterruptionWatch::~InterruptionWatch() = default;

void InterruptionWatch::want(const std::string& group, const std::string& launch_template,
                             const Interruption& how, std::map<Key, std::shared_ptr<Asked>>& next) {
  if (how.url.empty()) return;
  const Key key(group, launch_template, how.url, how.every);
  if (const auto known = asked_.find(key); known != asked_.end()) {
    next.insert(*known);
    return;
  }
  auto url = parse_plain_url(how.url);
  if (!url) return;  // the configuration was checked
  auto asked = std::make_shared<Asked>();
  asked->group = group;
  asked->launch_template = launch_template;
  asked->url = std::move(*url);
  asked->every = how.every;
  next.emplace(key, asked);
  background_.spawn(ask_again(asked));
}

void InterruptionWatch::update(const Named<ScalingGroup>& groups) {
  std::map<Key, std::shared_ptr<Asked>> next;
  for (const auto& [name, group] : groups) {
    if (!group.mix) {
      if (group.spot) want(name, "", group.interruption, next);
      continue;
    }
    for (const InstanceTemplate& one : group.mix->templates) {
      const Interruption& how = one.interruption ? *one.interruption : group.interruption;
      if (one.spot) want(name, one.name, how, next);
    }
  }
  for (const auto& [key, asked] : asked_) {
    if (!next.contains(key)) asked->closing.raise();
  }
  asked_ = std::move(next);
}

Task<> InterruptionWatch::stop() {
  for (const auto& [key, asked] : asked_) asked->closing.raise();
  co_await background_.close();
}

Task<> InterruptionWatch::ask_again(std::shared_ptr<Asked> asked) {
  while (!asked->closing.raised()) {
    auto asking = ask(asked);
    const Result<std::optional<WallTime>> answer = co_await asking;
    if (asked->closing.raised()) co_return;
    const std::string trouble = answer ? "" : answer.error().message;
    if (trouble != asked->trouble && !trouble.empty()) {
      LOG(warn, "metadata service not understood", {"group", asked->group},
          {"address", asked->url.host}, {"error", trouble});
    }
    asked->trouble = trouble;
    if (answer && *answer && *answer != asked->told) {
      asked->told = *answer;
      const Duration in = **answer - reactor_.clock().wall();
      told_(asked->group, asked->launch_template, std::max<Duration>(in, 0s));
    }
    const net::Deadline next(reactor_.clock().now() + asked->every, &asked->closing);
    co_await net::sleep(reactor_, next);
  }
}

Task<Result<std::optional<WallTime>>> InterruptionWatch::ask(std::shared_ptr<Asked> asked) {
  const net::Deadline deadline(reactor_.clock().now() + kPatience, &asked->closing);
  auto getting = get(asked, deadline);
  const Result<std::string> body = co_await getting;
  if (!body) {
    if (body.error().code == Code::not_found) co_return std::optional<WallTime>();
    co_return tl::unexpected(body.error());
  }
  const auto at = scale::parse_notice(*body);
  if (!at) co_return tl::unexpected(at.error());
  co_return std::optional<WallTime>(*at);
}

// The body of a 200; Code::not_found for a 404.
Task<Result<std::string>> InterruptionWatch::get(std::shared_ptr<Asked> asked,
                                                 net::Deadline deadline) {
  auto address = net::parse_address(fmt::format("{}:{}", asked->url.host, asked->url.port));
  if (!address) co_return tl::unexpected(address.error());
  net::Connected connected = co_await net::connect(reactor_, *address, deadline);
  if (!connected.stream) co_return fail(Code::unavailable, "cannot connect");
  http::H1Call call(std::move(connected.stream), kHeadLimits);
  const std::string request = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: weir\r\nAccept: */*\r\nConnection: close\r\n\r\n",
      asked->url.path, asked->url.host);
  const net::Io sent = co_await call.stream().write(request, deadline);
  if (sent != net::Io::ok) co_return fail(Code::unavailable, std::string(net::to_string(sent)));
  http::Answer head = co_await call.read_head(deadline);
  while (head.status == net::Io::ok && head.head->status < 200) {
    head = co_await call.read_head(deadline);
  }
  if (head.wrong) co_return fail(Code::invalid, fmt::format("not HTTP: {}", head.wrong));
  if (head.status != net::Io::ok) {
    co_return fail(Code::unavailable, std::string(net::to_string(head.status)));
  }
  const std::uint16_t status = head.head->status;
  if (status == 404) co_return fail(Code::not_found, "no notice");
  if (status != 200) co_return fail(Code::invalid, fmt::format("it answered {}", status));
  std::string body(head.piece);
  for (bool last = head.last; !last;) {
    const http::Piece piece = co_await call.read_body(deadline);
    if (piece.status != net::Io::ok) co_return fail(Code::unavailable, "its answer breaks off");
    body += piece.bytes;
    last = piece.last;
    if (body.size() > kMostBody) co_return fail(Code::invalid, "its answer is too long");
  }
  co_return body;
}

}  // namespace weir::control
