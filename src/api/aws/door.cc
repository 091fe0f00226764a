#include "api/aws/door.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "api/aws/metrics.h"
#include "api/aws/refusals.h"
#include "api/aws/rights.h"
#include "api/aws/serve.h"
#include "api/aws/world.h"
#include "base/log.h"

namespace weir::amazon {
namespace {

using aws::SignatureFault;
using Kind = SignatureFault::Kind;

constexpr std::size_t kUnknownBody = 64 * 1024;      // bytes, of a caller that has no key of ours
constexpr std::size_t kMostHeld = 256 << 20;         // bytes, of all bodies together
constexpr std::string_view kNoRegion = "us-east-1";  // of an anonymous call that names none

std::string lower(std::string_view text) {
  std::string low(text);
  for (char& c : low) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return low;
}

aws::WireRequest request_of(const http::RequestHead& head) {
  aws::WireRequest request;
  request.method = head.method;
  request.path = head.path;
  request.query = head.query;
  for (const HeaderView& field : head.fields.list) {
    request.headers.push_back({lower(field.name), std::string(field.value)});
  }
  return request;
}

bool is_account(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string date_of(WallTime now) {
  const auto at = std::chrono::floor<std::chrono::seconds>(now);
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(at)));
}

std::string class_of(int status) { return fmt::format("{}xx", status / 100); }

SignatureFault unknown_key() {
  return {Kind::unknown_key, "The security token included in the request is invalid."};
}

}  // namespace

struct Door::Call {
  aws::WireRequest request;
  std::string hint;  // service of the signature's scope
  aws::Target target;
  std::string id;
  Time began{};
  Tenant tenant;
  std::string key;
  int status = 0;
  std::string refused;  // the code, where the door refused it
};

// Counts the bytes of a body for as long as the call lasts.
struct Door::Held {
  explicit Held(std::size_t& a) : all(a) {}
  ~Held() { all -= mine; }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  void add(std::size_t bytes) {
    mine += bytes;
    all += bytes;
  }
  std::size_t& all;
  std::size_t mine = 0;
};

Door::Door(net::Reactor& reactor, control::Control& control, observe::Registry& registry,
           World& world, std::uint64_t seed)
    : reactor_(reactor),
      control_(control),
      sheet_(registry.sheet()),
      world_(world),
      random_(seed) {}

bool Door::takes(const http::RequestHead& head) {
  constexpr std::array<std::string_view, 4> kNative = {"/api/", "/metrics", "/healthz", "/readyz"};
  const bool native = std::any_of(kNative.begin(), kNative.end(), [&](std::string_view path) {
    return head.path.starts_with(path);
  });
  if (native) return false;
  const aws::WireRequest request = request_of(head);
  const std::string* const signature = request.header("authorization");
  return aws::looks_like_aws(request) || (signature && signature->starts_with("AWS4-")) ||
         head.query.find("X-Amz-Algorithm=") != std::string_view::npos;
}

// ---------------------------------------------------------------- who calls

tl::expected<const control::AccessKey*, SignatureFault> Door::find_key(const Claim& claim) const {
  if (!claim) return tl::unexpected(claim.error());
  const control::AccessKeys& keys = control_.access_keys();
  const control::AccessKey* const key = keys.find(claim->access_key_id);
  if (!key || !key->trouble.empty()) return tl::unexpected(unknown_key());
  if (key->expires && *key->expires <= reactor_.clock().wall()) {
    return tl::unexpected(
        SignatureFault{Kind::expired_key, "The security token included in the request is expired"});
  }
  return key;
}

Door::Identity Door::anybody(const Claim& claim) const {
  Identity who;
  who.tenant.account = claim && is_account(claim->access_key_id) ? claim->access_key_id
                                                                 : control_.desired().aws.account;
  who.tenant.region = claim ? claim->region : std::string(kNoRegion);
  who.caller.arn = user_arn(who.tenant.account, "anonymous");
  who.caller.user_id = "AIDAANONYMOUS";
  return who;
}

tl::expected<Door::Identity, SignatureFault> Door::identify(const aws::WireRequest& request,
                                                            const Claim& claim) {
  if (anonymous_) return anybody(claim);
  if (const auto* own = claim ? control_.access_keys().find(claim->access_key_id) : nullptr;
      own && !own->trouble.empty()) {
    LOG(warn, "an access key cannot be used", {"key", own->id}, {"why", own->trouble});
  }
  TRY(const control::AccessKey* const key, find_key(claim));
  auto fault =
      check_signature(request, *claim, {key->secret, key->session_token}, reactor_.clock().wall());
  if (fault) return tl::unexpected(*std::move(fault));
  Identity who;
  who.tenant = {key->account, claim->region};
  who.caller = {key->id, user_arn(key->account, key->name), "AIDA" + key->id.substr(4)};
  who.key = *key;
  return who;
}

// ---------------------------------------------------------------- what it may

std::optional<aws::Fault> Door::why_not_now(const Call& call, const Identity& who) {
  const aws::Target& target = call.target;
  if (!target.service || !target.operation) return std::nullopt;  // the engine says what is wrong
  const bool reads = only_reads(target);
  if (!who.key && call.request.method == "GET" && !reads) {
    return denied("An anonymous GET may only read: any web page could send it. Send a POST.",
                  target.protocol);
  }
  if (who.key) {
    if (auto why = why_not(*who.key, target, reads))
      return denied(*std::move(why), target.protocol);
  }
  const Aws& limits = control_.desired().aws;
  const std::string_view name = who.key ? std::string_view(who.key->id) : "anonymous";
  if (throttle_.take(name, target.service->signing_name, limits.rate, limits.burst,
                     reactor_.clock().now())) {
    return std::nullopt;
  }
  return throttled(target.protocol);
}

// ---------------------------------------------------------------- a call

// False: it is above the limit, or did not come.
Task<bool> Door::read_body(http::Exchange& exchange, Call& call, Held& held, std::size_t limit) {
  bool last = exchange.request().framing.kind == http::Framing::Kind::none;
  while (!last) {
    const http::Piece piece = co_await exchange.read_body(exchange.gone());
    if (piece.status != net::Io::ok) co_return false;
    if (call.request.body.size() + piece.bytes.size() > limit) co_return false;
    held.add(piece.bytes.size());
    call.request.body.append(piece.bytes);
    last = piece.last;
  }
  co_return true;
}

Task<aws::WireResponse> Door::answer(http::Exchange& exchange, Call& call, std::string_view page) {
  const auto refuse_with = [&call](aws::Fault (*make)(aws::Protocol)) {
    const aws::Fault fault = make(call.target.protocol);
    call.refused = fault.code;
    return refuse(call.target, fault, call.id);
  };
  const Claim claim = aws::read_signature(call.request);
  if (claim) {
    call.hint = claim->service;
    call.tenant.region = claim->region;
    call.key = claim->access_key_id;
  }
  call.target = find_target(call.request, call.hint);
  if (!page.empty()) {
    const aws::Fault fault = denied(std::string(page), call.target.protocol);
    call.refused = fault.code;
    co_return refuse(call.target, fault, call.id);
  }
  if (!control_.ready() || !world_.loaded()) co_return refuse_with(&unavailable);

  const bool known = anonymous_ || find_key(claim);
  Held held(held_);
  if (held_ >= kMostHeld) co_return refuse_with(&throttled);
  const std::size_t limit = known ? aws::kMostBody : kUnknownBody;
  const bool read = co_await read_body(exchange, call, held, limit);
  if (!read) co_return refuse_with(&too_large);

  auto who = identify(call.request, claim);
  if (!who) {
    // A stranger's body is not worth the work of inflating it.
    if (call.request.header("content-encoding")) call.request.body.clear();
    call.target = find_target(call.request, call.hint);
    const aws::Fault fault = refusal(who.error(), call.target.protocol);
    call.refused = fault.code;
    co_return refuse(call.target, fault, call.id);
  }
  call.tenant = who->tenant;
  call.target = find_target(call.request, call.hint);
  held.add(call.target.body.size());
  if (const auto why = why_not_now(call, *who)) {
    call.refused = why->code;
    co_return refuse(call.target, *why, call.id);
  }
  // What is kept and answered has milliseconds.
  const auto now = std::chrono::floor<std::chrono::milliseconds>(reactor_.clock().wall());
  Context context{world_, who->tenant, who->caller, call.id, now};
  aws::WireRequest request = std::move(call.request);
  aws::Target target = call.target;
  call.target.body.clear();
  auto serving = serve(context, std::move(request), std::move(target));
  co_return co_await serving;
}

Task<> Door::handle(http::Exchange& exchange, std::string_view page) {
  Call call;
  call.began = reactor_.clock().now();
  call.id = request_id();
  call.request = request_of(exchange.request());
  auto answering = answer(exchange, call, page);
  aws::WireResponse said = co_await answering;
  auto sending = send(exchange, call, std::move(said));
  co_await sending;
  record(call);
}

Task<> Door::send(http::Exchange& exchange, Call& call, aws::WireResponse said) {
  call.status = said.status;
  const std::string length = std::to_string(said.body.size());
  const std::string date = date_of(reactor_.clock().wall());
  std::vector<HeaderView> fields;
  for (const aws::Header& header : said.headers) fields.push_back({header.name, header.value});
  fields.push_back({"Date", date});
  http::Reply reply;
  reply.status = static_cast<std::uint16_t>(said.status);
  if (!said.stream) {
    if (said.status != 204) fields.push_back({"Content-Length", length});
    reply.add = fields;
    reply.framing = {http::Framing::Kind::length, said.body.size()};
    co_await exchange.start(reply, said.body, true);
    co_return;
  }
  reply.add = fields;
  reply.framing.kind = http::Framing::Kind::chunked;
  net::Io sent = co_await exchange.start(reply, said.body, false);
  while (sent == net::Io::ok) {
    const Result<std::string> piece = co_await said.stream->next();
    if (!piece) {
      exchange.abort();
      co_return;
    }
    sent = co_await exchange.write(*piece, piece->empty());
    if (piece->empty()) co_return;
  }
}

// A UUID of version 4.
std::string Door::request_id() {
  const std::uint64_t a = random_();
  const std::uint64_t b = random_();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", a >> 32, a >> 16 & 0xffff, a & 0xfff,
                     (b >> 48 & 0x3fff) | 0x8000, b & 0xffffffffffff);
}

void Door::record(const Call& call) {
  const bool known = call.target.service && call.target.operation;
  const std::string service(call.target.service ? call.target.service->id : "unknown");
  const std::string operation = known ? call.target.name : "unknown";
  const Duration took = reactor_.clock().now() - call.began;
  sheet_.counter(metrics::calls_total, {service, operation, class_of(call.status)}).add();
  sheet_.histogram(metrics::call_seconds, {service}).add(took);
  LOG(info, "aws call", {"service", service}, {"operation", call.target.name.substr(0, 64)},
      {"status", call.status}, {"refused", call.refused}, {"account", call.tenant.account},
      {"region", call.tenant.region.substr(0, 64)}, {"key", call.key.substr(0, 64)},
      {"request_id", call.id}, {"us", took / 1us});
}

}  // namespace weir::amazon
