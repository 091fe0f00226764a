#include "http/h1_call.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/test_wire.h"

namespace weir::http {
namespace {

constexpr Forwarded kForwarded{"192.0.2.7", "http", "8080", "id", "trace"};

// What came of one call.
struct Outcome {
  net::Io sent = net::Io::failed;
  std::vector<int> interim;
  net::Io status = net::Io::failed;  // of the head, then of the body
  const char* wrong = nullptr;
  std::uint16_t code = 0;
  std::string body;
  std::string trailers;
  bool whole = false;
  bool done = false;
};

Task<> perform(H1Call& call, const RequestHead& request, std::string body, Outcome& out,
               net::Deadline deadline) {
  out.sent = co_await call.start(request, kForwarded, body, true, deadline);
  Answer answer;
  while (true) {
    answer = co_await call.read_head(deadline);
    if (answer.status != net::Io::ok || answer.head->status >= 200 || answer.head->status == 101)
      break;
    out.interim.push_back(answer.head->status);
  }
  out.status = answer.status;
  out.wrong = answer.wrong;
  if (answer.status == net::Io::ok) {
    out.code = answer.head->status;
    out.body = answer.piece;
    out.whole = answer.last;
    while (!out.whole && out.status == net::Io::ok && out.code != 101) {
      const Piece piece = co_await call.read_body(deadline);
      out.status = piece.status;
      out.body += piece.bytes;
      out.whole = piece.last;
      if (piece.refuse != 0) out.wrong = piece.reason;
    }
    if (call.trailers()) out.trailers = call.trailers()->raw;
  }
  out.done = true;
}

// A call over a connection whose endpoint is a Wire.
class H1CallTest : public testing::Test {
 protected:
  H1CallTest() { connect(); }
  ~H1CallTest() override {
    if (call && !out.done) call->stream().cancel();
    endpoint.reset();
    loop.until([this] { return loop.scope.running() == 0; });
    call.reset();
    kept.reset();
    loop.settle();
  }
  void connect() {
    auto [mine, theirs] = net::tcp_pair();
    kept = net::Stream::adopt(loop.reactor, std::move(mine));
    endpoint.emplace(loop, std::move(theirs));
  }
  // Sends the request over the kept stream; the endpoint has read it when this returns.
  void start(std::string_view text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n", std::string body = "") {
    bytes = std::make_unique<std::string>(text);
    bytes->reserve(text.size() + 64);
    ASSERT_EQ(parse_request(*bytes, {}, request).kind, Parsed::Kind::done);
    out = Outcome();
    call.emplace(std::move(kept), HeadLimits{});
    loop.scope.spawn(perform(*call, request, std::move(body), out, deadline));
    ASSERT_TRUE(endpoint->until("\r\n\r\n"));
  }
  bool done() {
    return loop.until([this] { return out.done; });
  }
  // Whether the stream could serve another request.
  bool reusable() {
    kept = call->release();
    return static_cast<bool>(kept);
  }

  net::TestLoop loop;
  net::Deadline deadline{system_clock().now() + 10s};
  net::Owned<net::Stream> kept;
  std::optional<Wire> endpoint;
  std::unique_ptr<std::string> bytes;
  RequestHead request;
  std::optional<H1Call> call;
  Outcome out;
};

TEST_F(H1CallTest, GetsAResponseAndKeepsTheConnection) {
  for (int i = 0; i < 3; ++i) {
    start();
    endpoint->take();
    endpoint->send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    ASSERT_TRUE(done());
    EXPECT_EQ(out.sent, net::Io::ok);
    EXPECT_EQ(out.code, 200);
    EXPECT_EQ(out.body, "hello");
    EXPECT_TRUE(out.whole);
    EXPECT_TRUE(call->answered());
    EXPECT_EQ(call->bytes_in(), 5u);
    ASSERT_TRUE(reusable());
  }
}

struct Message {
  const char* text;
  const char* body;
  bool reusable;
};
constexpr Message kMessages[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", true},
    {"HTTP/1.1 204 No\r\n\r\n", "", true},
    {"HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", "", true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x\r\n!\r\n0\r\n\r\n",
     "hello!", true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
     "hello", true},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 "
     "OK\r\nContent-Length: "
     "2\r\n\r\nhi",
     "hi", true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", "hello", false},
    {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", false},
};

TEST_F(H1CallTest, SaysTheSameAtEverySplit) {
  for (const Message& message : kMessages) {
    const std::string text = message.text;
    for (std::size_t split = 0; split <= text.size(); ++split) {
      SCOPED_TRACE(text + " at " + std::to_string(split));
      if (!kept) connect();
      start();
      endpoint->take();
      if (split > 0) endpoint->send(text.substr(0, split));
      loop.settle();
      EXPECT_EQ(out.done, split == text.size()) << "done before its end";
      if (split < text.size()) endpoint->send(text.substr(split));
      ASSERT_TRUE(done());
      EXPECT_EQ(out.status, net::Io::ok);
      EXPECT_EQ(out.body, message.body);
      EXPECT_TRUE(out.whole);
      EXPECT_EQ(reusable(), message.reusable);
    }
  }
}

TEST_F(H1CallTest, GivesTheTrailersOfAResponse) {
  start();
  endpoint->send(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n");
  ASSERT_TRUE(done());

  EXPECT_EQ(out.trailers, "X-Sum: 1\r\n");
}

TEST_F(H1CallTest, ReadsInterimResponsesFirst) {
  start();
  endpoint->send(kMessages[6].text);
  ASSERT_TRUE(done());

  EXPECT_EQ(out.interim, (std::vector<int>{100, 103}));
  EXPECT_EQ(out.code, 200);
}

TEST_F(H1CallTest, ExpectsNoBodyForHead) {
  start("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  endpoint->send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
  ASSERT_TRUE(done());

  EXPECT_TRUE(out.whole);
  EXPECT_EQ(out.body, "");
  EXPECT_TRUE(reusable());
}

TEST_F(H1CallTest, ReadsABodyUntilTheConnectionEnds) {
  start();
  endpoint->send("HTTP/1.1 200 OK\r\n\r\nhello ");
  loop.settle();
  EXPECT_FALSE(out.done);
  endpoint->send("world");
  endpoint->close();
  ASSERT_TRUE(done());

  EXPECT_TRUE(out.whole);
  EXPECT_EQ(out.body, "hello world");
  EXPECT_FALSE(reusable());
}

TEST_F(H1CallTest, TellsABrokenBodyFromAWholeOne) {
  for (const char* text :
       {"HTTP/1.1 200 OK\r\n\r\nhel", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nConte", ""}) {
    for (const bool reset : {true, false}) {
      const bool until_close = std::string_view(text).find("\r\n\r\nhel") == 15;
      if (until_close && !reset) continue;  // whole
      SCOPED_TRACE(std::string(text) + (reset ? " reset" : " end"));
      connect();
      start();
      if (*text) endpoint->send(text);
      loop.settle();
      reset ? endpoint->reset() : endpoint->close();
      ASSERT_TRUE(done());
      EXPECT_EQ(out.status, reset ? net::Io::reset : net::Io::eof);
      EXPECT_FALSE(out.whole);
      EXPECT_EQ(call->answered(), *text != 0);
      EXPECT_FALSE(reusable());
    }
  }
}

TEST_F(H1CallTest, SaysWhatIsWrongWithAResponse) {
  for (const char* text :
       {"SSH-2.0-OpenSSH\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n"}) {
    connect();
    start();
    endpoint->send(text);
    ASSERT_TRUE(done());
    EXPECT_EQ(out.status, net::Io::failed) << text;
    EXPECT_NE(out.wrong, nullptr) << text;
    EXPECT_FALSE(reusable());
  }
}

// Bytes behind a response are no answer to the next request.
TEST_F(H1CallTest, KeepsNoConnectionOnWhichMoreCameThanTheAnswer) {
  for (const char* text : {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n",
                           "HTTP/1.1 204 No\r\n\r\nbody",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nx"}) {
    connect();
    start();
    endpoint->send(text);
    ASSERT_TRUE(done());
    EXPECT_TRUE(out.whole) << text;
    EXPECT_FALSE(reusable()) << text;
  }
  connect();
  start();
  endpoint->send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_TRUE(done());
  endpoint->send("x");
  loop.settle();
  EXPECT_FALSE(reusable()) << "what came later";
  connect();
  start();
  endpoint->send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_TRUE(done());
  endpoint->close();
  loop.settle();
  EXPECT_FALSE(reusable()) << "the endpoint has closed";
}

TEST_F(H1CallTest, StopsAtItsDeadlineAndWhenInterrupted) {
  net::Interrupt interrupt;
  deadline = net::Deadline(system_clock().now() + 10s, &interrupt);
  start();
  interrupt.raise();
  ASSERT_TRUE(done());
  EXPECT_EQ(out.status, net::Io::cancelled);
  EXPECT_FALSE(call->answered());
  EXPECT_FALSE(reusable());

  connect();
  deadline = net::Deadline(system_clock().now() + 20ms);
  start();
  ASSERT_TRUE(done());
  EXPECT_EQ(out.status, net::Io::timeout);
}

TEST_F(H1CallTest, GivesTheRawStreamAfterASwitch) {
  start("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  endpoint->send(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nearly");
  ASSERT_TRUE(done());

  std::string early;
  net::Stream* raw = call->tunnel(early);
  EXPECT_EQ(out.code, 101);
  EXPECT_EQ(early, "early");
  EXPECT_TRUE(raw->open());
  EXPECT_FALSE(reusable());
}

// ---------------------------------------------------------------- request bodies

Task<> send_pieces(H1Call& call, const RequestHead& request, std::vector<std::string> pieces,
                   bool& done, net::Io& status, net::Deadline deadline) {
  status = co_await call.start(request, kForwarded, pieces[0], pieces.size() == 1, deadline);
  for (std::size_t i = 1; i < pieces.size() && status == net::Io::ok; ++i) {
    status = co_await call.write(pieces[i], i + 1 == pieces.size(), deadline);
  }
  done = true;
}

TEST_F(H1CallTest, SendsBodiesOfEachFramingInAnyPieces) {
  const std::string large(100'000, 'x');
  const std::vector<std::vector<std::string>> bodies = {{""},
                                                        {"hello"},
                                                        {"", "hello"},
                                                        {"hello", ""},
                                                        {"he", "llo", "", "!"},
                                                        {large},
                                                        {"a", large, "", large, ""}};
  for (const auto& pieces : bodies) {
    for (const bool chunked : {true, false}) {
      std::string body;
      for (const auto& piece : pieces) body += piece;
      connect();
      std::string head = "POST / HTTP/1.1\r\nHost: a\r\n";
      head += chunked ? "Transfer-Encoding: chunked\r\n\r\n"
                      : "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
      head.reserve(head.size() + 64);
      ASSERT_EQ(parse_request(head, {}, request).kind, Parsed::Kind::done);
      call.emplace(std::move(kept), HeadLimits{});
      bool sent = false;
      net::Io status = net::Io::failed;
      loop.scope.spawn(send_pieces(*call, request, pieces, sent, status, deadline));
      ASSERT_TRUE(loop.until([&] {
        endpoint->poll();
        return sent;
      }));
      EXPECT_EQ(status, net::Io::ok);
      std::string arrived = endpoint->take();
      arrived = arrived.substr(arrived.find("\r\n\r\n") + 4);
      if (chunked) {
        ChunkDecoder decoder;
        const auto fed = decoder.feed(arrived);
        EXPECT_EQ(fed.status, ChunkDecoder::Status::done);
        EXPECT_EQ(fed.consumed, arrived.size());
        arrived.resize(fed.payload);
      }
      EXPECT_TRUE(arrived == body) << arrived.size();
    }
  }
}

Task<> answer_only(H1Call& call, Outcome& out, net::Deadline deadline) {
  const Answer answer = co_await call.read_head(deadline);
  out.status = answer.status;
  out.whole = answer.last;
  out.done = true;
}

Task<> send_part(H1Call& call, const RequestHead& request, bool& done, net::Io& status,
                 net::Deadline deadline) {
  status = co_await call.start(request, kForwarded, "part", false, deadline);
  done = true;
}

// The response is whole, but the request is not: what is left of it must not meet the next one.
TEST_F(H1CallTest, KeepsNoConnectionWhoseRequestIsNotWhole) {
  const std::string large(20'000'000, 'x');
  for (const std::vector<std::string>& pieces :
       {std::vector<std::string>{}, std::vector<std::string>{large},
        std::vector<std::string>{"x", large}}) {
    connect();
    std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n";
    head.reserve(head.size() + 64);
    ASSERT_EQ(parse_request(head, {}, request).kind, Parsed::Kind::done);
    call.emplace(std::move(kept), HeadLimits{});
    bool ended = false;
    net::Io status = net::Io::failed;
    const net::Deadline soon(system_clock().now() + 20ms);
    loop.scope.spawn(pieces.empty() ? send_part(*call, request, ended, status, soon)
                                    : send_pieces(*call, request, pieces, ended, status, soon));
    ASSERT_TRUE(loop.until([&] { return ended; }));
    EXPECT_EQ(status, pieces.empty() ? net::Io::ok : net::Io::timeout);
    endpoint->send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    out = Outcome();
    loop.scope.spawn(answer_only(*call, out, deadline));
    ASSERT_TRUE(done());
    EXPECT_EQ(out.status, net::Io::ok);
    EXPECT_TRUE(out.whole);
    EXPECT_FALSE(reusable());
  }
}

}  // namespace
}  // namespace weir::http
