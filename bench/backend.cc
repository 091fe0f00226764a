#include "bench/backend.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "base/check.h"

namespace weir::bench {
namespace {

constexpr std::size_t kScratch = 64 * 1024;
// About a millisecond, but no divisor of the kernel's clock tick: work that always falls on the
// same phase of it is counted as all user time, or none.
constexpr std::size_t kTicksPerEvent = 47;
constexpr Duration kTick = Duration(1s) / Backend::kEventsPerSecond / kTicksPerEvent;

std::string answer(std::string_view status, std::string_view body) {
  return fmt::format(
      "HTTP/1.1 {}\r\nServer: bench\r\nContent-Type: application/json\r\nContent-Length: {}\r\n"
      "\r\n{}",
      status, body.size(), body);
}

struct Answers {
  std::string small = answer("200 OK", body_of("/"));
  std::string large = answer("200 OK", body_of("/64k"));
  std::string refused = answer("400 Bad Request", "{}");
  std::string unknown = answer("404 Not Found", "{}");
  std::string stream =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
};

const Answers& answers() {
  static const Answers all;
  return all;
}

// Of a header in `head`, the value; `name` is in small letters and ends in a colon.
std::string_view header(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at)) {
    ++at;
    std::string_view line = head.substr(at, head.find('\r', at) - at);
    if (line.size() < name.size()) continue;
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    if (!std::equal(name.begin(), name.end(), line.begin(), same)) continue;
    line.remove_prefix(name.size());
    while (line.starts_with(' ')) line.remove_prefix(1);
    return line;
  }
  return {};
}

}  // namespace

class Backend::Acceptor final : public Ready {
 public:
  Acceptor(Backend& backend, Fd listener) : backend_(backend), listener_(std::move(listener)) {
    backend_.loop_.watch(listener_, *this);
  }
  void on_ready(std::uint32_t) override;

 private:
  Backend& backend_;
  Fd listener_;
};

// One connection of a proxy.
class Backend::Session final : public Ready {
 public:
  Session(Backend& backend, Fd socket) : backend_(backend), socket_(std::move(socket)) {
    backend_.loop_.watch(socket_, *this);
  }

  void on_ready(std::uint32_t events) override;
  // False if the last piece still waits, and the piece is dropped.
  bool send_piece(std::string_view piece);
  bool streaming() const { return streaming_; }

 private:
  enum class Next : std::uint8_t { go_on, wait, end };

  Next take(std::string_view bytes);
  Next read_head(std::string_view& bytes);
  Next read_body(std::string_view& bytes);
  Next reply(std::string_view text);

  Backend& backend_;
  Fd socket_;
  std::string input_;        // what is not used yet
  std::string_view unsent_;  // of a constant answer
  std::string held_;         // of an event
  std::uint64_t body_left_ = 0;
  bool body_good_ = true;
  bool close_after_ = false;
  bool streaming_ = false;
};

class Backend::Ticker final : public Ready {
 public:
  explicit Ticker(Backend& backend)
      : backend_(backend), timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
    const timespec tick{0, static_cast<long>(kTick.count())};
    const itimerspec period{tick, tick};
    CHECK(::timerfd_settime(timer_.get(), 0, &period, nullptr) == 0);
    backend_.loop_.watch(timer_, *this);
  }
  void on_ready(std::uint32_t) override {
    std::uint64_t ticks = 0;
    if (::read(timer_.get(), &ticks, sizeof ticks) != sizeof ticks) return;
    while (ticks-- > 0) backend_.tick();
  }

 private:
  Backend& backend_;
  Fd timer_;
};

void Backend::Acceptor::on_ready(std::uint32_t) {
  while (Fd socket = accept_from(listener_)) {
    auto session = std::make_unique<Session>(backend_, std::move(socket));
    Session* key = session.get();
    backend_.sessions_.emplace(key, std::move(session));
  }
}

void Backend::Session::on_ready(std::uint32_t events) {
  if (!unsent_.empty()) {
    if (!send_some(socket_, unsent_)) return backend_.end_session(*this);
    if (!unsent_.empty()) return;
    if (close_after_) return backend_.end_session(*this);
  }
  const bool ends = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  static std::array<char, kScratch> scratch;
  Next next = input_.empty() ? Next::go_on : take({});
  while (next == Next::go_on) {
    const ssize_t got = ::recv(socket_.get(), scratch.data(), scratch.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return backend_.end_session(*this);
    next = take(std::string_view(scratch.data(), static_cast<std::size_t>(got)));
    if (static_cast<std::size_t>(got) < scratch.size() && !ends) break;
  }
  if (next == Next::end) backend_.end_session(*this);
}

Backend::Session::Next Backend::Session::take(std::string_view bytes) {
  std::string kept;
  if (!input_.empty()) {
    kept.swap(input_);
    kept.append(bytes);
    bytes = kept;
  }
  Next next = Next::go_on;
  while (next == Next::go_on && !bytes.empty()) {
    const std::size_t before = bytes.size();
    next = body_left_ > 0 ? read_body(bytes) : read_head(bytes);
    if (next == Next::go_on && bytes.size() == before) break;  // half a head
  }
  if (!bytes.empty()) input_.assign(bytes);
  return next;
}

Backend::Session::Next Backend::Session::read_head(std::string_view& bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return Next::go_on;
  const std::string_view head = bytes.substr(0, end + 2);
  bytes.remove_prefix(end + 4);
  const std::string_view line = head.substr(0, head.find('\r'));
  close_after_ = line.ends_with("HTTP/1.0") || header(head, "connection:").starts_with("close");
  if (line.starts_with("POST / ")) {
    const std::string_view length = header(head, "content-length:");
    std::from_chars(length.data(), length.data() + length.size(), body_left_);
    body_good_ = body_left_ == posted_body().size();
    return body_left_ > 0 ? Next::go_on : reply(answers().refused);
  }
  if (line.starts_with("GET / ")) return reply(answers().small);
  if (line.starts_with("GET /64k ")) return reply(answers().large);
  const bool often = line.starts_with("GET /sse ");
  if (!often && !line.starts_with("GET /sse_seldom ")) return reply(answers().unknown);
  const Next next = reply(answers().stream);
  if (next == Next::go_on && !streaming_) {
    streaming_ = true;
    backend_.start_stream(*this, often ? backend_.often_ : backend_.seldom_);
  }
  return next;
}

Backend::Session::Next Backend::Session::read_body(std::string_view& bytes) {
  const std::string_view piece = bytes.substr(0, body_left_);
  if (body_good_) {
    const std::size_t offset = posted_body().size() - body_left_;
    body_good_ = posted_body().substr(offset, piece.size()) == piece;
  }
  bytes.remove_prefix(piece.size());
  body_left_ -= piece.size();
  if (body_left_ > 0) return Next::go_on;
  return reply(body_good_ ? answers().small : answers().refused);
}

Backend::Session::Next Backend::Session::reply(std::string_view text) {
  unsent_ = text;
  if (!send_some(socket_, unsent_)) return Next::end;
  if (!unsent_.empty()) return Next::wait;
  return close_after_ ? Next::end : Next::go_on;
}

bool Backend::Session::send_piece(std::string_view piece) {
  if (!unsent_.empty()) return false;
  unsent_ = piece;
  send_some(socket_, unsent_);  // a broken socket shows itself as an event
  if (!unsent_.empty()) {
    held_.assign(unsent_);
    unsent_ = held_;
  }
  return true;
}

Backend::Backend(Loop& loop) : loop_(loop) {
  often_.slots.resize(kTicksPerEvent);
  seldom_.slots.resize(kTicksPerEvent * kEventsPerSecond);
}
Backend::~Backend() = default;

Result<std::uint16_t> Backend::listen() {
  TRY(auto listener, listen_on(0));
  const std::uint16_t port = local_port(listener);
  acceptors_.push_back(std::make_unique<Acceptor>(*this, std::move(listener)));
  return port;
}

void Backend::start_stream(Session& session, Wheel& wheel) {
  if (!ticker_) ticker_ = std::make_unique<Ticker>(*this);
  wheel.slots[wheel.next++ % wheel.slots.size()].push_back(&session);
  send_event({&session});
}

void Backend::end_session(Session& session) {
  if (session.streaming()) {
    for (Wheel* wheel : {&often_, &seldom_}) {
      for (auto& slot : wheel->slots) std::erase(slot, &session);
    }
  }
  sessions_.erase(&session);
}

void Backend::tick() {
  for (Wheel* wheel : {&often_, &seldom_}) {
    send_event(wheel->slots[wheel->now++ % wheel->slots.size()]);
  }
}

void Backend::send_event(const std::vector<Session*>& streams) {
  if (streams.empty()) return;
  event_.stamp(loop_.now());
  chunk_ = fmt::format("{:x}\r\n{}\r\n", EventText::size(), event_.text());
  for (Session* stream : streams) {
    if (!stream->send_piece(chunk_)) ++events_skipped_;
  }
}

}  // namespace weir::bench
