#include "http/h2_client.h"

#include <algorithm>
#include <utility>

#include "http/h2_call.h"

namespace weir::http {
namespace {

// What endpoints may send ahead over all streams. Given back as it comes, so that a slow client
// holds up nobody else; what bounds memory is the window of each stream, 64 KiB.
constexpr std::uint32_t kWindow = 4 * 1024 * 1024;
constexpr std::uint32_t kMostCalls = 100;  // on one connection, whatever the endpoint would take
// Stream identifiers run out at 2^31 (RFC 9113 section 5.1.1).
constexpr std::int32_t kLastId = 0x7fff0000;

}  // namespace

H2Client::H2Client(net::Reactor& r) : H2Session(r, Side::client), idle_since_(r.now()) {}

Local<H2Client> H2Client::connect(net::Reactor& reactor, const net::Address& address,
                                  Duration patience, Scope& scope, net::Interrupt& stop,
                                  Secure secure) {
  auto client = make_local<H2Client>(reactor);
  scope.spawn(client->run(client, address, patience, &stop, std::move(secure)));
  return client;
}

Local<H2Client> H2Client::adopt(net::Owned<net::Stream> stream, Scope& scope,
                                net::Interrupt& stop) {
  auto client = make_local<H2Client>(stream->reactor());
  scope.spawn(client->serve(client, std::move(stream), &stop));
  return client;
}

Task<> H2Client::run(Local<H2Client> self, net::Address address, Duration patience,
                     net::Interrupt* stop, Secure secure) {
  const net::Deadline deadline(reactor().now() + patience, stop);
  net::Connected opened = co_await net::connect(reactor(), address, deadline);
  connected_.status = opened.status;
  if (opened.status == net::Io::ok && secure) {
    scheme_ = "https";
    const Secured secured = co_await secure(*opened.stream, deadline);
    connected_ = secured;
  }
  if (connected_.status != net::Io::ok) {
    state_ = State::over;
    wake_calls();
    co_return;
  }
  co_await serve(std::move(self), std::move(opened.stream), stop);
}

Task<> H2Client::serve(Local<H2Client>, net::Owned<net::Stream> stream, net::Interrupt* stop) {
  state_ = State::open;
  open(std::move(stream), 0, kWindow);
  wake_calls();
  if (let_go_) let_go();
  bool good = true;
  while (good) {
    const net::Deadline deadline(kNever, stop);
    const net::Read got = co_await stream_->read(deadline);
    if (got.status != net::Io::ok) break;
    good = feed(std::string_view(got.bytes.data(), got.bytes.size()));
  }
  state_ = State::over;
  lose();
  if (!good) co_await close();  // which says why
  stream_->close();
  co_await close();
}

void H2Client::wake_calls() {
  each([](H2Stream& stream) { static_cast<H2Call&>(stream).wake(); });
}

void H2Client::on_settings() {
  introduced_ = true;
  wake_calls();
}

bool H2Client::has_room() const {
  if (!alive() || going_away_ || let_go_) return false;
  if (nghttp2_session_get_next_stream_id(raw()) >= static_cast<std::uint32_t>(kLastId)) {
    return false;
  }
  const std::uint32_t theirs = introduced_ ? nghttp2_session_get_remote_settings(
                                                 raw(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
                                           : kMostCalls;
  return calls_ < std::min(theirs, kMostCalls);
}

bool H2Client::takes_web_sockets() const {
  return nghttp2_session_get_remote_settings(raw(), NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1;
}

void H2Client::call_ended() {
  --calls_;
  idle_since_ = reactor().now();
  if (calls_ == 0 && (let_go_ || going_away_)) let_go();
}

void H2Client::let_go() {
  let_go_ = true;
  if (calls_ > 0 || state_ != State::open) return;
  nghttp2_session_terminate_session(raw(), NGHTTP2_NO_ERROR);
  touch();
}

void H2Client::on_flushed() {
  if (let_go_ && calls_ == 0 && stream_ && stream_->open()) stream_->close();
}

// ---------------------------------------------------------------- the pool

Local<H2Client> H2Pool::find() {
  std::erase_if(clients_, [](const Local<H2Client>& client) {
    if (client->going_away() && client->calls() == 0) client->let_go();
    return !client->alive() || client->going_away();
  });
  for (const Local<H2Client>& client : clients_) {
    if (client->has_room()) return client;
  }
  return {};
}

Local<H2Client> H2Pool::open(const net::Address& address, Duration patience, Secure secure) {
  clients_.push_back(
      H2Client::connect(reactor_, address, patience, scope_, stop_, std::move(secure)));
  return clients_.back();
}

void H2Pool::sweep(Time since) {
  std::erase_if(clients_, [&](const Local<H2Client>& client) {
    const bool idle = client->calls() == 0 && client->idle_since() < since;
    if (idle) client->let_go();
    return idle || !client->alive();
  });
}

void H2Pool::clear() {
  for (const Local<H2Client>& client : clients_) client->let_go();
  clients_.clear();
}

}  // namespace weir::http
