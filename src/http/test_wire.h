// What the tests of http share: connections whose other end is a plain socket of the test.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/exchange.h"
#include "http/h1_server.h"
#include "net/test_loop.h"

namespace weir::http {

// Serves each request with one coroutine function, and keeps what was refused.
class TestHandler final : public Handler {
 public:
  using Serve = Task<> (*)(Exchange&, TestHandler&);
  TestHandler(net::Reactor& r, Serve s) : reactor(r), serve(s) {}
  Task<> handle(Exchange& exchange) override {
    ++requests;
    return serve(exchange, *this);
  }
  const H1Settings& settings() const override { return options; }
  void refused(std::uint16_t status, const char* reason) override {
    refusals.push_back(std::to_string(status) + " " + reason);
  }

  net::Reactor& reactor;
  Serve serve;
  H1Settings options;
  int requests = 0;
  std::vector<std::string> refusals;
  std::vector<std::string> notes;  // of the serving function
  net::Interrupt go;               // what a serving function may wait for
};

// A plain socket, and what has arrived on it.
class Wire {
 public:
  Wire(net::TestLoop& loop, net::Fd fd) : loop_(loop), fd_(std::move(fd)) {}

  void send(std::string_view text) { net::send_all(fd_.get(), text); }
  void shutdown() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }
  void reset() { net::reset_connection(std::move(fd_)); }
  // Takes what has arrived.
  const std::string& poll() {
    if (ended || broken) return bytes;
    const net::Arrived got = net::receive(fd_.get());
    bytes += got.bytes;
    ended |= got.ended;
    broken |= got.broken;
    return bytes;
  }
  // Turns the loop until it has come.
  bool until(std::string_view text) {
    return loop_.until([&] { return poll().find(text) != std::string::npos; });
  }
  bool until_size(std::size_t size) {
    return loop_.until([&] { return poll().size() >= size; });
  }
  bool until_end() {
    return loop_.until([&] {
      poll();
      return ended || broken;
    });
  }
  // What has come, taken out.
  std::string take() {
    loop_.settle();
    poll();
    return std::exchange(bytes, {});
  }

  std::string bytes;
  bool ended = false;
  bool broken = false;

 private:
  net::TestLoop& loop_;
  net::Fd fd_;
};

inline Task<> run_server(H1Server& server, bool& done) {
  co_await server.run();
  done = true;
}

// An H1Server on a loop of its own, whose client is a Wire.
class TestServer {
 public:
  explicit TestServer(TestHandler::Serve serve, const Clock& clock = system_clock())
      : loop(clock), handler(loop.reactor, serve) {}
  ~TestServer() {
    if (server) server->abort();
    handler.go.raise();
    client.reset();
    loop.until([this] { return loop.scope.running() == 0; });
    server.reset();
    loop.settle();
  }
  void connect() {
    auto [theirs, mine] = net::tcp_pair();
    client.emplace(loop, std::move(theirs));
    Peer peer = peer_of(mine.get(), net::peer_address(mine.get()));
    server.emplace(net::Stream::adopt(loop.reactor, std::move(mine)), handler, peer);
    loop.scope.spawn(run_server(*server, done));
  }

  net::TestLoop loop;
  TestHandler handler;
  std::optional<H1Server> server;
  std::optional<Wire> client;
  bool done = false;  // run() has ended
};

// Cuts the first complete message with a Content-Length, or without a body, off `bytes`.
inline std::string first_answer(std::string& bytes, bool to_head = false) {
  const auto head = bytes.find("\r\n\r\n");
  if (head == std::string::npos) return "";
  std::size_t length = 0;
  const auto field = bytes.find("Content-Length: ");
  if (!to_head && field != std::string::npos && field < head) {
    length = std::stoul(bytes.substr(field + 16));
  }
  if (bytes.size() < head + 4 + length) return "";
  const std::string answer = bytes.substr(0, head + 4 + length);
  bytes.erase(0, answer.size());
  return answer;
}

inline constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

// ---------------------------------------------------------------- serving functions

// Reads the whole body; nullopt when it did not come whole.
inline Task<std::optional<std::string>> whole_body(Exchange& exchange, TestHandler& handler) {
  std::string body;
  bool last = exchange.request().framing.kind == Framing::Kind::none;
  while (!last) {
    const Piece piece = co_await exchange.read_body(exchange.gone());
    if (piece.refuse != 0) {
      handler.notes.push_back(std::to_string(piece.refuse) + " " + piece.reason);
      co_await exchange.respond(piece.refuse, "text/plain", piece.reason);
      co_return std::nullopt;
    }
    if (piece.status != net::Io::ok) {
      handler.notes.push_back("body " + std::string(to_string(piece.status)));
      exchange.abort();
      co_return std::nullopt;
    }
    body += piece.bytes;
    last = piece.last;
  }
  co_return body;
}

// "POST /path: " and the body.
inline Task<> echo(Exchange& exchange, TestHandler& handler) {
  const std::optional<std::string> body = co_await whole_body(exchange, handler);
  if (!body) co_return;
  const std::string answer = std::string(exchange.request().method) + " " +
                             std::string(exchange.request().path) + ": " + *body;
  co_await exchange.respond(200, "text/plain", answer);
}

// Waits for `go`, then answers; notes when the client was gone before.
inline Task<> answer_later(Exchange& exchange, TestHandler& handler) {
  while (!handler.go.raised() && !exchange.gone().raised()) {
    const net::Deadline a_moment(handler.reactor.now() + 2ms, &exchange.gone());
    co_await net::sleep(handler.reactor, a_moment);
  }
  if (exchange.gone().raised()) {
    handler.notes.push_back("gone");
    exchange.abort();
    co_return;
  }
  co_await exchange.respond(200, "text/plain", "late");
}

// Three pieces; the reply has no length.
inline Task<> answer_in_pieces(Exchange& exchange, TestHandler& handler) {
  const HeaderView add[] = {{"Content-Type", "text/event-stream"}};
  Reply reply;
  reply.add = add;
  reply.framing.kind = Framing::Kind::chunked;
  net::Io io = co_await exchange.start(reply, "one,", false);
  for (const bool last : {false, true}) {
    const net::Deadline pause(handler.reactor.now() + 5ms);
    co_await net::sleep(handler.reactor, pause);
    if (io == net::Io::ok) io = co_await exchange.write(last ? "three" : "two,", last);
  }
  handler.notes.push_back(std::string(to_string(io)));
}

}  // namespace weir::http
