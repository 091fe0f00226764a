#include "http/h1_server.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "http/h1_exchange.h"
#include "http/h2_server.h"
#include "http/writer.h"

namespace weir::http {
namespace {

constexpr Duration kLinger = 2s;            // for what a refused client still sends
constexpr Duration kFirstRequest = 1s;      // for one of a connection that is new when weir drains
constexpr Duration kLook = 5ms;             // between two looks whether the answer has arrived
constexpr std::size_t kKeepMemories = 256;  // recycled per thread
constexpr std::size_t kKeepBytes = 16 * 1024;

// Gives a request its memory and takes it back, by thread.
class Lease {
 public:
  Lease() {
    auto& pool = memories();
    if (pool.empty()) {
      memory_ = std::make_unique<RequestMemory>();
    } else {
      memory_ = std::move(pool.back());
      pool.pop_back();
    }
  }
  ~Lease() {
    auto& pool = memories();
    if (pool.size() < kKeepMemories && memory_->bytes.capacity() <= kKeepBytes) {
      pool.push_back(std::move(memory_));
    }
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  RequestMemory& operator*() const { return *memory_; }
  RequestMemory* operator->() const { return memory_.get(); }

 private:
  static std::vector<std::unique_ptr<RequestMemory>>& memories() {
    thread_local std::vector<std::unique_ptr<RequestMemory>> pool;
    return pool;
  }
  std::unique_ptr<RequestMemory> memory_;
};

// All that was sent, our end included, is acknowledged.
bool delivered(int fd) {
  int left = 0;
  return ::ioctl(fd, SIOCOUTQ, &left) == 0 && left == 0;
}

void append_with_slack(std::string& bytes, std::string_view more) {
  bytes.reserve(bytes.size() + more.size() + net::Reactor::kSlack);
  bytes.append(more);
}

}  // namespace

Peer peer_of(int fd, const net::Address& address) {
  Peer peer;
  std::uint8_t bytes[16];
  address.ip(bytes);
  std::copy(std::begin(bytes), std::end(bytes), peer.ip.bytes.begin());
  peer.port = address.port();
  if (address.is_unix() || address.length() == 0) {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0) {
      peer.uid = credentials.uid;
    }
  }
  return peer;
}

H1Server::H1Server(net::Owned<net::Stream> stream, Handler& handler, Peer peer)
    : stream_(std::move(stream)), handler_(handler), peer_(peer) {}

H1Server::~H1Server() = default;

void H1Server::drain(bool gently) {
  draining_ = true;
  if (h2_) return h2_->drain();  // whose clients are told by a frame
  if (gently) return;
  if (!busy_ || lingering_) idle_.raise();
}

bool H1Server::busy() const { return h2_ ? h2_->busy() : busy_; }

void H1Server::abort() {
  draining_ = true;
  if (h2_) return h2_->abort();
  stream_->abort();
}

// Kept small: this frame is what an idle connection costs.
Task<> H1Server::run() {
  bool more = true;
  while (more) {
    std::string_view first;
    if (spill_) {
      first = *spill_;
    } else {
      const net::Read got = co_await stream_->read(next_request());
      if (got.status != net::Io::ok) {
        // A drain may come before the word of what has arrived already.
        if (!draining_ || std::exchange(looked_, true) || !stream_->open()) break;
        stream_->look();
        continue;
      }
      first = {got.bytes.data(), got.bytes.size()};
    }
    busy_ = true;
    {
      Lease memory;
      begin(*memory, first);
      more = co_await serve(*memory);
    }
    busy_ = false;
  }
  if (h2_) {
    co_await h2_->run(std::move(*spill_));
    co_return;
  }
  stream_->close();
}

// Asked where a request was refused, so that HTTP/1 pays nothing for it.
bool H1Server::speaks_h2(std::string_view bytes) {
  if (!first_ || !bytes.starts_with(H2Server::kPreface)) return false;
  spill_ = std::make_unique<std::string>(bytes);
  h2_ = std::make_unique<H2Server>(std::move(stream_), handler_, peer_);
  if (draining_) h2_->drain();
  return true;
}

net::Deadline H1Server::next_request() {
  const Time now = stream_->reactor().now();
  if (!draining_) return net::Deadline(now + handler_.settings().limits.idle_time, &idle_);
  // What the client sent before it could know is served still; that answer says close.
  return net::Deadline(now + (first_ ? kFirstRequest : 0ns));
}

void H1Server::begin(RequestMemory& memory, std::string_view first) {
  memory.bytes.clear();
  append_with_slack(memory.bytes, first);
  spill_.reset();
}

Task<bool> H1Server::serve(RequestMemory& memory) {
  const HeadLimits limits{handler_.settings().limits.head.value,
                          handler_.settings().limits.headers};
  const Time head_end = stream_->reactor().now() + handler_.settings().limits.header_time;
  Parsed parsed = parse_request(memory.bytes, limits, memory.head);
  while (parsed.kind == Parsed::Kind::incomplete) {
    const net::Read got = co_await stream_->read(head_end);
    if (got.status == net::Io::timeout) {
      co_await refuse(408, "the request head did not arrive in time");
      co_return false;
    }
    if (got.status != net::Io::ok) co_return false;
    const std::string_view more(got.bytes.data(), got.bytes.size());
    append_with_slack(memory.bytes, more);
    // Parsed again only when a line has come to its end, or too much has come without one.
    if (more.find_first_of("\r\n") == std::string_view::npos &&
        memory.bytes.size() <= limits.bytes) {
      continue;
    }
    parsed = parse_request(memory.bytes, limits, memory.head);
  }
  if (parsed.kind == Parsed::Kind::refused) {
    if (speaks_h2(memory.bytes)) co_return false;
    co_await refuse(parsed.status, parsed.reason);
    co_return false;
  }
  if (const auto limit = handler_.settings().limits.body.value;
      limit && memory.head.framing.length > limit) {
    co_await refuse(413, "the body is larger than the limit");
    co_return false;
  }

  first_ = false;
  H1Exchange exchange(*this, memory, parsed.length);
  stream_->watch_hangup(&exchange.gone(), !handler_.settings().keep_half_closed);
  co_await handler_.handle(exchange);
  if (!stream_->open()) co_return false;
  stream_->watch_hangup(nullptr, false);
  if (!exchange.started() || !exchange.ended() || exchange.aborted()) {
    // The client must be able to tell a broken answer from a complete one.
    stream_->abort();
    co_return false;
  }
  if (exchange.keep_alive()) {
    if (exchange.has_rest()) spill_ = std::make_unique<std::string>(exchange.take_rest());
    co_return true;
  }
  co_await linger(exchange.body_arrived());
  co_return false;
}

Task<> H1Server::refuse(std::uint16_t status, const char* reason) {
  handler_.refused(status, reason);
  Reply reply;
  reply.status = status;
  const std::string body = std::string(reason) + "\n";
  const std::string length = std::to_string(body.size());
  const HeaderView fields[] = {{"Content-Type", "text/plain"}, {"Content-Length", length}};
  reply.add = fields;
  std::string& out = output();
  write_response(out, reply, 1, false);
  out.append(body);
  const net::Deadline deadline(stream_->reactor().now() + kLinger);
  const net::Io sent = co_await stream_->write(out, deadline);
  if (sent == net::Io::ok) co_await linger(false);
}

// Closing a socket that has unread bytes resets it, and the answer may be lost with it: end our
// side, then read what still comes, for a while. A drain does not wait for that where nothing more
// may come: once the client's side has acknowledged every byte, nothing can take the answer back.
Task<> H1Server::linger(bool whole) {
  stream_->shutdown_write();
  lingering_ = true;
  const Time end = stream_->reactor().now() + kLinger;
  bool more = true;
  while (more) {
    const bool hurry = draining_ && whole;
    if (hurry && delivered(stream_->fd())) break;
    const Time look = hurry ? std::min(end, stream_->reactor().now() + kLook) : end;
    const bool told = draining_;
    const net::Deadline deadline(look, told ? nullptr : &idle_);
    const net::Read got = co_await stream_->read(deadline);
    const bool looked = got.status == net::Io::timeout && look < end;
    const bool drained = got.status == net::Io::cancelled && !told && stream_->open();
    more = got.status == net::Io::ok || drained || looked;
  }
  lingering_ = false;
}

}  // namespace weir::http
