#include "notify/webhook.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "http/h1_call.h"
#include "judge/backoff.h"
#include "notify/signature.h"

namespace weir::notify {
namespace {

constexpr http::HeadLimits kHeadLimits{16 * 1024, 100};
constexpr std::size_t kMostBody = 16 * 1024;
constexpr std::size_t kMostSecret = 4096;

Result<std::string> secret_of(const Webhook& options) {
  if (options.secret_file.empty()) return options.secret;
  std::ifstream file(options.secret_file, std::ios::binary);
  std::string secret(kMostSecret, '\0');
  file.read(secret.data(), static_cast<std::streamsize>(secret.size()));
  secret.resize(static_cast<std::size_t>(file.gcount()));
  while (!secret.empty() && std::string_view(" \t\r\n").find(secret.back()) != std::string::npos) {
    secret.pop_back();
  }
  if (secret.empty()) {
    return fail(Code::invalid, "secret_file " + options.secret_file + " holds no secret");
  }
  return secret;
}

std::string request_of(const Url& url, const Message& message, const std::string& secret,
                       WallTime now) {
  std::string head = fmt::format(
      "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: weir\r\nAccept: */*\r\n"
      "Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n"
      "Weir-Event: {}\r\nWeir-Event-Id: {}\r\n",
      url.target, authority_of(url), message.body.size(), message.kind, message.id);
  if (!secret.empty()) {
    const std::int64_t at = now.time_since_epoch() / 1s;
    head += fmt::format("Weir-Timestamp: {}\r\nWeir-Signature: sha256={}\r\n", at,
                        signature(secret, at, message.body));
  }
  return head + "\r\n" + message.body;
}

tl::unexpected<Error> broken(std::string_view what, net::Io io) {
  const Code code = io == net::Io::timeout ? Code::timeout : Code::unavailable;
  return fail(code, fmt::format("{}: {}", what, net::to_string(io)));
}

Result<> check_status(std::uint16_t status) {
  if (status >= 200 && status < 300) return {};
  const bool passing = status >= 500 || status == 408 || status == 425 || status == 429;
  return fail(passing ? Code::unavailable : Code::denied,
              fmt::format("it answered {} {}", status, http::reason_phrase(status)));
}

bool worth_another(const Error& error) {
  return error.code == Code::unavailable || error.code == Code::timeout;
}

// What a resolver's answer, which may come late, and whoever waits for it share.
struct Lookup {
  explicit Lookup(net::Reactor& reactor) : answered(reactor) {}
  net::Signal answered;
  std::optional<Result<net::Resolved>> result;
};

}  // namespace

Webhooks::Webhooks(net::Reactor& reactor, net::Resolver* resolver, std::uint64_t seed, Pace pace)
    : reactor_(reactor), resolver_(resolver), random_(seed), pace_(pace) {}

Result<std::shared_ptr<tls::Back>> Webhooks::trust(const std::string& ca) {
  auto& known = trusted_[ca];
  if (known) return known;
  EndpointTls options;
  options.ca = ca;
  auto made = tls::Back::make("of webhooks", options);
  if (!made) return fail(Code::invalid, "ca " + ca + ": " + made.error().what);
  return known = std::move(*made);
}

Task<Result<net::Resolved>> Webhooks::resolve(std::string host, net::Deadline deadline) {
  const std::string numeric = host.find(':') == host.npos ? host + ":1" : "[" + host + "]:1";
  if (const auto address = net::parse_address(numeric)) {
    net::Resolved itself;
    itself.addresses.push_back(*address);
    co_return std::move(itself);
  }
  if (!resolver_) co_return fail(Code::unavailable, "names cannot be resolved");
  const auto lookup = std::make_shared<Lookup>(reactor_);
  resolver_->resolve(host, [lookup](Result<net::Resolved> result) {
    lookup->result = std::move(result);
    lookup->answered.set();
  });
  const net::Io io = co_await lookup->answered.wait(deadline);
  if (io != net::Io::ok) co_return broken("resolving " + host, io);
  if (!*lookup->result) co_return fail(Code::unavailable, lookup->result->error().message);
  co_return std::move(*lookup->result);
}

Task<Result<net::Owned<net::Stream>>> Webhooks::dial(Url url, std::string ca,
                                                     net::Deadline deadline) {
  auto resolving = resolve(url.host, deadline);
  const auto resolved = co_await resolving;
  if (!resolved) co_return tl::unexpected(resolved.error());
  net::Connected connected;
  Endpoint endpoint;
  for (net::Address address : resolved->addresses) {
    address.set_port(url.port);
    endpoint.address = address.to_string();
    connected = co_await net::connect(reactor_, address, deadline);
    if (connected.stream) break;
  }
  if (!connected.stream) co_return broken("connecting to " + authority_of(url), connected.status);
  if (!url.tls) co_return std::move(connected.stream);

  CO_TRY(const auto back, trust(ca));
  const auto own = net::parse_address(endpoint.address);
  if (!own || own->host() != url.host) endpoint.host = url.host;
  auto codec = back->codec(*connected.stream, endpoint, {});
  if (!codec) co_return fail(Code::unavailable, "no memory for TLS");
  const tls::Codec& told = *codec;
  connected.stream->set_codec(std::move(codec));
  const net::Read shaken = co_await connected.stream->ready(deadline);
  if (shaken.status == net::Io::ok) co_return std::move(connected.stream);
  if (shaken.status == net::Io::timeout) co_return broken("TLS handshake", shaken.status);
  co_return fail(Code::unavailable, endpoint_reason(told.trouble()));
}

Task<Result<Posted>> Webhooks::attempt(Webhook options, Message message, net::Interrupt* stop) {
  CO_TRY(const Url url, parse_url(options.url));
  CO_TRY(const std::string secret, secret_of(options));
  const net::Deadline deadline(reactor_.clock().now() + options.timeout, stop);
  auto dialling = dial(url, options.ca, deadline);
  auto stream = co_await dialling;
  if (!stream) co_return tl::unexpected(stream.error());

  http::H1Call call(std::move(*stream), kHeadLimits);
  const std::string request = request_of(url, message, secret, reactor_.clock().wall());
  // Where that fails there may be an answer all the same, which says why.
  co_await call.stream().write(request, deadline);
  http::Answer answer = co_await call.read_head(deadline);
  while (answer.status == net::Io::ok && answer.head->status < 200) {
    answer = co_await call.read_head(deadline);
  }
  if (answer.wrong) co_return fail(Code::unavailable, fmt::format("not HTTP: {}", answer.wrong));
  if (answer.status != net::Io::ok) co_return broken("waiting for its answer", answer.status);

  Posted posted;
  posted.status = answer.head->status;
  posted.body = answer.piece;
  bool last = answer.last;
  while (!last && posted.body.size() < kMostBody) {
    const http::Piece piece = co_await call.read_body(deadline);
    if (piece.status != net::Io::ok) break;  // its status has come: that decides
    posted.body += piece.bytes;
    last = piece.last;
  }
  posted.body.resize(std::min(posted.body.size(), kMostBody));
  CO_TRY_VOID(check_status(posted.status));
  co_return std::move(posted);
}

Task<Result<Posted>> Webhooks::post(Webhook options, Message message, net::Interrupt* stop) {
  for (std::uint32_t failures = 1;; ++failures) {
    auto attempting = attempt(options, message, stop);
    auto done = co_await attempting;
    if (done || !worth_another(done.error()) || failures > options.retries) {
      co_return std::move(done);
    }
    const Duration wait = judge::backoff(pace_.base, pace_.most, failures, random_);
    const net::Deadline then(reactor_.clock().now() + wait, stop);
    const net::Io slept = co_await net::sleep(reactor_, then);
    if (slept == net::Io::cancelled) co_return std::move(done);
  }
}

}  // namespace weir::notify
