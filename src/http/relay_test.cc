// Both sides together: a client, a proxy of a dozen lines, an endpoint, on one loop.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "http/h1_call.h"
#include "http/h1_server.h"
#include "http/test_wire.h"

namespace weir::http {
namespace {

constexpr Forwarded kForwarded{"192.0.2.7", "http", "8080", "id", "trace"};

struct Backend {
  net::Reactor* reactor = nullptr;
  net::Address address;
};
Backend g_backend;

// A proxy of a dozen lines: a new connection for each request.
Task<> relay(Exchange& exchange, TestHandler& handler) {
  const net::Deadline deadline(handler.reactor.now() + 10s, &exchange.gone());
  net::Connected connected = co_await net::connect(*g_backend.reactor, g_backend.address, deadline);
  CHECK(connected.status == net::Io::ok);
  H1Call call(std::move(connected.stream), HeadLimits{});
  bool last = exchange.body_arrived() && exchange.request().framing.kind == Framing::Kind::none;
  net::Io io = net::Io::ok;
  if (last) {
    io = co_await call.start(exchange.request(), kForwarded, "", true, deadline);
  } else {
    Piece piece = co_await exchange.read_body(exchange.gone());
    io = co_await call.start(exchange.request(), kForwarded, piece.bytes, piece.last, deadline);
    while (io == net::Io::ok && piece.status == net::Io::ok && !piece.last) {
      piece = co_await exchange.read_body(exchange.gone());
      if (piece.status == net::Io::ok) io = co_await call.write(piece.bytes, piece.last, deadline);
    }
  }
  const Answer answer = co_await call.read_head(deadline);
  CHECK(answer.status == net::Io::ok);
  Reply reply;
  reply.status = answer.head->status;
  reply.pass = &answer.head->fields;
  reply.framing = answer.head->framing;
  bool whole = answer.last;
  io = co_await exchange.start(reply, answer.piece, whole);
  while (io == net::Io::ok && !whole) {
    const Piece piece = co_await call.read_body(deadline);
    if (piece.status != net::Io::ok) co_return;
    whole = piece.last;
    io = co_await exchange.write(piece.bytes, whole);
  }
}

TEST(Relay, CarriesBodiesOfAnySizeBothWays) {
  TestServer front(relay);
  TestHandler echoing(front.loop.reactor, echo);
  const net::Fd listener = *net::listen_on(net::loopback(), false);
  g_backend = Backend{&front.loop.reactor, net::local_address(listener.get())};
  std::vector<std::unique_ptr<H1Server>> servers;
  bool ended = false;
  auto acceptor = net::Acceptor::start(
      front.loop.reactor, listener.get(), false, [&](net::Fd fd, const net::Address& peer) {
        const Peer who = peer_of(fd.get(), peer);
        servers.push_back(std::make_unique<H1Server>(
            net::Stream::adopt(front.loop.reactor, std::move(fd)), echoing, who));
        front.loop.scope.spawn(run_server(*servers.back(), ended));
      });
  front.connect();
  Random random(9);
  for (const std::size_t size : {0u, 1u, 100u, 8191u, 8192u, 65536u, 65537u, 300'000u}) {
    for (const bool chunked : {true, false}) {
      std::string body;
      for (std::size_t i = 0; i < size; ++i)
        body.push_back(static_cast<char>('a' + random.below(26)));
      std::string message = "POST /x HTTP/1.1\r\nHost: a\r\n";
      if (chunked) {
        message += "Transfer-Encoding: chunked\r\n\r\n";
        for (std::size_t at = 0; at < size;) {
          const std::size_t n = std::min(size - at, 1 + random.below(20'000));
          write_chunk_size(message, n);
          message += body.substr(at, n) + "\r\n";
          at += n;
        }
        message += "0\r\n\r\n";
      } else {
        message += "Content-Length: " + std::to_string(size) + "\r\n\r\n" + body;
      }
      for (std::string_view left = message; !left.empty();) {
        const std::size_t n = std::min<std::size_t>(left.size(), 1 + random.below(50'000));
        front.client->send(left.substr(0, n));
        left.remove_prefix(n);
        front.loop.settle();
      }
      std::string answer;
      ASSERT_TRUE(front.loop.until([&] {
        front.client->poll();
        answer = first_answer(front.client->bytes);
        return !answer.empty();
      })) << size;
      EXPECT_TRUE(answer.ends_with("POST /x: " + body)) << size << chunked;
      EXPECT_NE(answer.find("Via: 1.1 weir"), std::string::npos);
    }
  }
  EXPECT_EQ(echoing.requests, 16);
  EXPECT_TRUE(echoing.refusals.empty());
  for (auto& server : servers) server->abort();
  front.server->abort();
  EXPECT_TRUE(front.loop.until([&] { return front.loop.scope.running() == 0; }));
  acceptor.reset();
  servers.clear();
  front.loop.settle();
}

}  // namespace
}  // namespace weir::http
