// The glue between nghttp2, streams and coroutines: whatever bytes a client or an endpoint sends,
// in whatever pieces, nothing is left over and nothing hangs. The first byte says which side is
// weir's, and how what follows is cut.
// sources: src/http/h2_session.cc src/http/h2_stream.cc src/http/h2_server.cc
// sources: src/http/h2_exchange.cc src/http/h2_client.cc src/http/h2_call.cc src/http/h2_fields.cc
// sources: src/http/grpc.cc src/http/head.cc src/http/writer.cc src/http/chunk.cc
// sources: src/http/h1_server.cc src/http/h1_exchange.cc src/model/request_view.cc src/model/cookies.cc
// sources: src/net/outbox.cc src/net/farewell.cc
// sources: src/model/ip.cc src/net/stream.cc src/net/reactor.cc src/net/timer.cc src/net/wait.cc
// sources: src/net/fd.cc src/net/address.cc src/net/listen.cc src/base/check.cc src/base/clock.cc
// sources: src/base/frame_pool.cc src/base/units.cc src/base/log.cc src/base/log_format.cc
// libraries: libnghttp2 fmt spdlog
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/h2_call.h"
#include "http/h2_server.h"
#include "net/test_loop.h"

namespace {

using namespace weir;        // NOLINT: a fuzzer of this namespace
using namespace weir::http;  // NOLINT

// Reads the body and echoes it; some requests it answers at once.
class Echo final : public Handler {
 public:
  Task<> handle(Exchange& exchange) override {
    std::string body;
    bool last = exchange.request().framing.kind == Framing::Kind::none;
    if (exchange.request().path == "/early") last = true;
    while (!last) {
      const Piece piece = co_await exchange.read_body(exchange.gone());
      if (piece.refuse) {
        co_await exchange.respond(piece.refuse, "text/plain", piece.reason);
        co_return;
      }
      if (piece.status != net::Io::ok) {
        exchange.abort();
        co_return;
      }
      body += piece.bytes;
      last = piece.last;
    }
    Reply reply;
    reply.framing.kind = Framing::Kind::chunked;
    reply.pass = &exchange.request().fields;
    const std::string_view half = std::string_view(body).substr(0, body.size() / 2);
    net::Io sent = co_await exchange.start(reply, half, false);
    const std::string_view rest = std::string_view(body).substr(body.size() / 2);
    if (sent == net::Io::ok) sent = co_await exchange.write(rest, !exchange.trailers());
    if (sent == net::Io::ok && exchange.trailers()) {
      sent = co_await exchange.finish(*exchange.trailers());
    }
  }
  const H1Settings& settings() const override { return settings_; }

 private:
  H1Settings settings_;
};

Task<> serve(H2Server& server) { co_await server.run(""); }

Task<> ask(Local<H2Client> client, bool post) {
  H2Call call(std::move(client), HeadLimits{});
  RequestHead head;
  head.method = post ? "POST" : "GET";
  head.path = "/";
  head.authority = "t";
  if (post) head.framing.kind = Framing::Kind::chunked;
  const Forwarded forwarded{"192.0.2.7", "http", "80", "id", "trace"};
  const net::Deadline soon(system_clock().now() + 50ms);
  net::Io io = co_await call.start(head, forwarded, post ? "body" : "", !post, soon);
  if (post && io == net::Io::ok) io = co_await call.write("more", true, soon);
  Answer answer = co_await call.read_head(soon);
  while (answer.status == net::Io::ok && answer.head->status < 200) {
    answer = co_await call.read_head(soon);
  }
  bool last = answer.status != net::Io::ok || answer.last;
  while (!last) {
    const Piece piece = co_await call.read_body(soon);
    last = piece.status != net::Io::ok || piece.last;
  }
}

void feed(net::TestLoop& loop, int fd, std::string_view bytes, std::size_t cut) {
  while (!bytes.empty()) {
    const std::size_t size = std::min(cut, bytes.size());
    if (::send(fd, bytes.data(), size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) break;
    bytes.remove_prefix(size);
    loop.settle();
    net::receive(fd);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const unsigned how = data[0];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = how & 2 ? 1 + (how >> 3) : 1 << 16;
  net::TestLoop loop;
  auto [theirs, mine] = net::unix_pair();
  net::Owned<net::Stream> stream = net::Stream::adopt(loop.reactor, std::move(mine));
  if (how & 1) {
    net::Interrupt stop;
    {
      auto client = H2Client::adopt(std::move(stream), loop.scope, stop);
      for (int i = 0; i < 3; ++i) loop.scope.spawn(ask(client, i == 1));
    }
    loop.settle();
    feed(loop, theirs.get(), bytes, cut);
    theirs.reset();
    stop.raise();
    CHECK(loop.until([&] { return loop.scope.running() == 0; }));
  } else {
    Echo echo;
    {
      H2Server server(std::move(stream), echo, Peer{});
      loop.scope.spawn(serve(server));
      feed(loop, theirs.get(), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 1 << 16);
      feed(loop, theirs.get(), std::string_view("\0\0\0\4\0\0\0\0\0", 9), 1 << 16);
      if (how & 4) server.drain();
      feed(loop, theirs.get(), bytes, cut);
      theirs.reset();
      CHECK(loop.until([&] { return loop.scope.running() == 0; }));
    }
  }
  loop.settle();
  return 0;
}
