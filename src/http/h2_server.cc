#include "http/h2_server.h"

#include <algorithm>
#include <utility>

#include "http/h2_exchange.h"

namespace weir::http {
namespace {

// What a client may send ahead over all its streams, beside 64 KiB for each of them.
constexpr std::uint32_t kClientWindow = 1024 * 1024;
constexpr Duration kLastCall = 1s;   // for the answer to the first GOAWAY
constexpr Duration kLastWords = 2s;  // for what a client still sends after the last one

}  // namespace

H2Server::H2Server(net::Owned<net::Stream> stream, Handler& handler, Peer peer)
    : H2Session(stream->reactor(), Side::server),
      handler_(handler),
      peer_(peer),
      idle_since_(reactor().now()) {
  open(std::move(stream), handler.settings().limits.streams, kClientWindow);
}

H2Server::~H2Server() = default;

H2Stream* H2Server::on_open(std::int32_t) {
  // A stream that was reset is served until its coroutine has ended: a client that opens and
  // resets gains nothing.
  const std::uint32_t most = handler_.settings().limits.streams;
  if (last_call_ || live_ >= 2 * std::max(most, 1u)) return nullptr;
  return new H2Exchange(*this);  // ended by serve(), start_ready() or run()
}

// Not from inside nghttp2: what runs now may read into the scratch that is being fed.
void H2Server::start_ready() {
  for (std::size_t i = 0; i < ready_.size(); ++i) {
    H2Exchange* const exchange = ready_[i];
    if (exchange->closed()) {
      delete exchange;  // reset within the same bytes
    } else {
      serving_.spawn(serve(exchange));
    }
  }
  if (!ready_.empty()) idle_since_ = reactor().now();
  ready_.clear();
}

Task<> H2Server::serve(H2Exchange* exchange) {
  const Parsed refusal = exchange->refusal();
  if (refusal.kind == Parsed::Kind::refused) {
    handler_.refused(refusal.status, refusal.reason);
    const std::string body = std::string(refusal.reason) + "\n";
    co_await exchange->respond(refusal.status, "text/plain", body);
  } else {
    co_await handler_.handle(*exchange);
  }
  co_await exchange->settle();
  delete exchange;
  idle_since_ = reactor().now();
  touch();  // which may find that this was the last one
}

net::Deadline H2Server::next_deadline() const {
  const ListenerLimits& limits = handler_.settings().limits;
  if (block_since() != kNever) return block_since() + limits.header_time;
  if (!opened_) return idle_since_ + limits.header_time;
  if (busy()) return reactor().now() + limits.idle_time;
  return idle_since_ + limits.idle_time;
}

bool H2Server::too_late() const {
  const ListenerLimits& limits = handler_.settings().limits;
  const Time now = reactor().now();
  if (block_since() != kNever) return now >= block_since() + limits.header_time;
  return !busy() && now >= idle_since_ + (opened_ ? limits.idle_time : limits.header_time);
}

Task<> H2Server::run(std::string first) {
  bool good = feed(first);
  std::string().swap(first);
  start_ready();
  while (good) {
    const net::Read got = co_await stream_->read(next_deadline());
    if (got.status == net::Io::timeout) {
      if (!too_late()) continue;
      nghttp2_session_terminate_session(raw(), NGHTTP2_NO_ERROR);
      touch();
      break;
    }
    if (got.status != net::Io::ok) break;
    good = feed(std::string_view(got.bytes.data(), got.bytes.size()));
    start_ready();
  }
  over_.raise();
  lose();
  if (stream_->open() && !last_call_) co_await linger();
  co_await serving_.close();
  co_await draining_tasks_.close();
  stream_->close();
  co_await close();
  for (H2Exchange* exchange : ready_) delete exchange;  // whose heads never came whole
}

// Closing a socket that has unread bytes resets it, and the last GOAWAY may be lost with it.
Task<> H2Server::linger() {
  co_await close();
  stream_->shutdown_write();
  const net::Deadline deadline(reactor().now() + kLastWords);
  while (true) {
    const net::Read got = co_await stream_->read(deadline);
    if (got.status != net::Io::ok) co_return;
  }
}

// ---------------------------------------------------------------- the end

void H2Server::drain() {
  if (std::exchange(draining_, true)) return;
  nghttp2_submit_shutdown_notice(raw());
  draining_tasks_.spawn(drain_in_time());
  touch();
}

// The answer to a ping behind it shows that the client has read the notice. Not submitted with it:
// nghttp2 sends pings before anything else.
void H2Server::on_sent_goaway() {
  if (!draining_ || std::exchange(pinged_, true)) return;
  nghttp2_submit_ping(raw(), NGHTTP2_FLAG_NONE, nullptr);
}

Task<> H2Server::drain_in_time() {
  const net::Deadline deadline(reactor().now() + kLastCall, &over_);
  const net::Io slept = co_await net::sleep(reactor(), deadline);
  if (slept == net::Io::timeout) last_call();
}

void H2Server::last_call() {
  if (!draining_ || std::exchange(last_call_, true)) return;
  nghttp2_submit_goaway(raw(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(raw()),
                        NGHTTP2_NO_ERROR, nullptr, 0);
  touch();
}

void H2Server::finish_if_idle() {
  if (!last_call_ || busy() || live_ > 0 || !stream_->open()) return;
  stream_->shutdown_write();
  stream_->cancel();
}

void H2Server::abort() {
  draining_ = last_call_ = true;
  over_.raise();
  stream_->abort();
}

}  // namespace weir::http
