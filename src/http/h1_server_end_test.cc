// How connections end: by time, by the client, by a drain, by an answer that is not whole.
#include <gtest/gtest.h>

#include <string>

#include "http/h1_server.h"
#include "http/test_wire.h"

namespace weir::http {
namespace {

Task<> say_nothing(Exchange&, TestHandler&) { co_return; }

Task<> break_off(Exchange& exchange, TestHandler&) {
  Reply reply;
  reply.framing.kind = Framing::Kind::chunked;
  co_await exchange.start(reply, "part", false);
}

// ---------------------------------------------------------------- times, on a clock of the test

TEST(H1Server, RefusesAHeadThatTakesTooLong) {
  ManualClock clock;
  TestServer test(echo, clock);
  test.handler.options.limits.header_time = 5s;
  test.connect();
  test.client->send("GET / HTTP/1.1\r\n");
  test.loop.settle();
  clock.advance(4s);
  test.client->send("Host: a\r\n");  // a trickle does not start the time anew
  test.loop.settle();
  EXPECT_EQ(test.client->take(), "");
  clock.advance(2s);
  test.loop.settle();

  ASSERT_TRUE(test.client->until("408 Request Timeout"));
  EXPECT_EQ(test.handler.refusals.size(), 1u);
}

TEST(H1Server, ClosesAnIdleConnectionWithoutAWord) {
  ManualClock clock;
  TestServer test(echo, clock);
  test.handler.options.limits.idle_time = 60s;
  test.connect();
  test.client->send(kGet);
  ASSERT_TRUE(test.client->until("GET /: "));
  test.client->take();
  clock.advance(59s);
  test.loop.settle();
  EXPECT_FALSE(test.done);
  clock.advance(2s);

  EXPECT_TRUE(test.loop.until([&] { return test.done; }));
  ASSERT_TRUE(test.client->until_end());
  EXPECT_EQ(test.client->bytes, "");
}

TEST(H1Server, RefusesABodyThatStops) {
  ManualClock clock;
  TestServer test(echo, clock);
  test.handler.options.limits.body_idle_time = 20s;
  test.connect();
  test.client->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n1");
  test.loop.settle();
  clock.advance(19s);
  test.client->send("2");  // progress starts the time anew
  test.loop.settle();
  clock.advance(19s);
  test.loop.settle();
  EXPECT_EQ(test.client->take(), "");
  clock.advance(2s);

  ASSERT_TRUE(test.client->until("408 Request Timeout"));
  EXPECT_EQ(test.handler.notes, std::vector<std::string>{"408 the body did not arrive in time"});
}

TEST(H1Server, LingersOnlyAWhile) {
  ManualClock clock;
  TestServer test(echo, clock);
  test.connect();
  test.client->send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(test.client->until_end());
  EXPECT_FALSE(test.done) << "the client has not closed its side";
  clock.advance(3s);

  EXPECT_TRUE(test.loop.until([&] { return test.done; }));
}

// ---------------------------------------------------------------- ends

TEST(H1Server, BreaksTheConnectionWhenTheAnswerIsNotWhole) {
  for (const TestHandler::Serve serve : {break_off, say_nothing}) {
    TestServer test(serve);
    test.connect();
    test.client->send(kGet);

    ASSERT_TRUE(test.client->until_end());
    EXPECT_TRUE(test.client->broken);
    EXPECT_FALSE(test.client->ended) << "looks like a proper end";
  }
}

TEST(H1Server, TellsWhenTheClientIsGone) {
  for (const bool reset : {true, false}) {
    TestServer test(answer_later);
    test.connect();
    test.client->send(kGet);
    ASSERT_TRUE(test.loop.until([&] { return test.handler.requests == 1; }));
    reset ? test.client->reset() : test.client->close();

    EXPECT_TRUE(test.loop.until([&] { return test.done; }));
    EXPECT_EQ(test.handler.notes, std::vector<std::string>{"gone"});
  }
}

TEST(H1Server, TakesAHalfClosedClientForGoneUnlessToldOtherwise) {
  TestServer test(answer_later);
  test.connect();
  test.client->send(kGet);
  test.client->shutdown();
  EXPECT_TRUE(test.loop.until([&] { return test.done; }));
  EXPECT_EQ(test.handler.notes, std::vector<std::string>{"gone"});

  TestServer patient(answer_later);
  patient.handler.options.keep_half_closed = true;
  patient.connect();
  patient.client->send(kGet);
  patient.client->shutdown();
  ASSERT_TRUE(patient.loop.until([&] { return patient.handler.requests == 1; }));
  patient.loop.settle();
  patient.handler.go.raise();
  ASSERT_TRUE(patient.client->until_end());
  EXPECT_TRUE(patient.client->bytes.ends_with("late"));
  EXPECT_TRUE(patient.client->ended);
}

TEST(H1Server, EndsWhenTheClientLeavesInTheMiddle) {
  for (const std::string& part :
       {std::string(), std::string("GET / HT"),
        std::string("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1")}) {
    TestServer test(echo);
    test.connect();
    if (!part.empty()) test.client->send(part);
    test.loop.settle();
    test.client->close();

    EXPECT_TRUE(test.loop.until([&] { return test.done; })) << part;
    EXPECT_TRUE(test.handler.refusals.empty());
  }
}

// ---------------------------------------------------------------- drain and abort

TEST(H1Server, ClosesAnIdleConnectionWhenDrained) {
  TestServer test(echo);
  test.connect();
  test.client->send(kGet);
  ASSERT_TRUE(test.client->until("GET /: "));
  test.loop.settle();
  EXPECT_FALSE(test.server->busy());
  test.server->drain();

  EXPECT_TRUE(test.loop.until([&] { return test.done; }));
  ASSERT_TRUE(test.client->until_end());
  EXPECT_TRUE(test.client->ended);
}

TEST(H1Server, FinishesWhatItServesWhenDrained) {
  TestServer test(answer_later);
  test.connect();
  test.client->send(kGet);
  ASSERT_TRUE(test.loop.until([&] { return test.handler.requests == 1; }));
  EXPECT_TRUE(test.server->busy());
  test.server->drain();
  test.loop.settle();
  EXPECT_FALSE(test.done);
  test.handler.go.raise();

  ASSERT_TRUE(test.client->until_end());
  EXPECT_TRUE(test.client->ended);
  EXPECT_NE(test.client->bytes.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(test.client->bytes.ends_with("late"));
}

// The client keeps its side open; its answer has arrived, and says that it was the last.
TEST(H1Server, WaitsForNobodyAfterTheLastAnswerOfADrain) {
  for (const bool drained_while_lingering : {true, false}) {
    TestServer test(echo);
    test.connect();
    if (!drained_while_lingering) {
      test.client->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
      ASSERT_TRUE(test.loop.until([&] { return test.server->busy(); }));
      test.server->drain();
      test.client->send("1");
    } else {
      test.client->send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    }
    ASSERT_TRUE(test.client->until_end());
    if (drained_while_lingering) {
      test.loop.settle();
      EXPECT_FALSE(test.done);
      test.server->drain();
    }
    const Time began = system_clock().now();

    EXPECT_TRUE(test.loop.until([&] { return test.done; }));
    EXPECT_LT(system_clock().now() - began, 500ms);
    EXPECT_TRUE(test.client->ended);
  }
}

// What it still sends would meet a closed socket, and the reset could take the refusal with it.
TEST(H1Server, LingersForARefusedClientInADrainToo) {
  ManualClock clock;
  TestServer test(echo, clock);
  test.handler.options.limits.body.value = 10;
  test.connect();
  test.client->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n1");
  ASSERT_TRUE(test.client->until("413"));
  test.server->drain();
  test.loop.settle();
  EXPECT_FALSE(test.done);
  clock.advance(3s);

  EXPECT_TRUE(test.loop.until([&] { return test.done; }));
}

// The head of a stream said keep-alive before the drain began, so the client may have sent more.
TEST(H1Server, ServesWhatWasSentBeforeADrainCouldBeKnown) {
  for (const bool with_the_first : {true, false}) {
    TestServer test(answer_in_pieces);
    test.connect();
    test.client->send(with_the_first ? std::string(kGet) + std::string(kGet) : std::string(kGet));
    ASSERT_TRUE(test.client->until("one,"));
    test.server->drain();
    if (!with_the_first) test.client->send(kGet);

    ASSERT_TRUE(test.client->until_end());
    EXPECT_TRUE(test.client->ended);
    EXPECT_EQ(test.handler.requests, 2);
    EXPECT_TRUE(test.client->bytes.ends_with("three\r\n0\r\n\r\n"));
    EXPECT_NE(test.client->bytes.find("Connection: close"), std::string::npos);
  }
}

TEST(H1Server, EndsADrainedConnectionOnWhichNothingMoreComes) {
  TestServer test(answer_in_pieces);
  test.connect();
  test.client->send(kGet);
  ASSERT_TRUE(test.client->until("one,"));
  test.server->drain();

  EXPECT_TRUE(test.loop.until([&] { return test.done; }));
  ASSERT_TRUE(test.client->until_end());
  EXPECT_TRUE(test.client->bytes.ends_with("three\r\n0\r\n\r\n"));
}

TEST(H1Server, TellsItsHandlerWhenItIsAborted) {
  TestServer test(answer_later);
  test.connect();
  test.client->send(kGet);
  ASSERT_TRUE(test.loop.until([&] { return test.handler.requests == 1; }));
  test.server->abort();

  EXPECT_TRUE(test.loop.until([&] { return test.done; }));
  EXPECT_EQ(test.handler.notes, std::vector<std::string>{"gone"});
  ASSERT_TRUE(test.client->until_end());
  EXPECT_TRUE(test.client->broken);
}

TEST(H1Server, MayBeAbortedWhereverItWaits) {
  for (const char* sent :
       {"", "GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1", "BAD\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"}) {
    TestServer test(echo);
    test.connect();
    if (*sent) test.client->send(sent);
    test.loop.settle();
    test.server->abort();

    EXPECT_TRUE(test.loop.until([&] { return test.done; })) << sent;
  }
}

// ---------------------------------------------------------------- upgrade

Task<> echo_tunnel(Exchange& exchange, TestHandler& handler) {
  handler.notes.push_back(exchange.request().upgrade ? "upgrade" : "plain");
  Reply reply;
  reply.status = 101;
  co_await exchange.start(reply, "", true);
  std::string early;
  net::Stream* raw = exchange.tunnel(early);
  if (!early.empty()) co_await raw->write(early, kNever);
  while (true) {
    const net::Read got = co_await raw->read(kNever);
    if (got.status != net::Io::ok) co_return;
    const std::string back(got.bytes.data(), got.bytes.size());
    co_await raw->write(back, kNever);
  }
}

TEST(H1Server, BecomesATunnelWithWhatCameBehindTheHead) {
  TestServer test(echo_tunnel);
  test.connect();
  test.client->send(
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly");
  ASSERT_TRUE(test.client->until("early"));
  EXPECT_TRUE(test.client->take().starts_with(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"));
  test.client->send("\x81\x05hello");
  ASSERT_TRUE(test.client->until("\x81\x05hello"));
  test.client->shutdown();

  EXPECT_TRUE(test.loop.until([&] { return test.done; }));
  EXPECT_TRUE(test.client->until_end());
  EXPECT_EQ(test.handler.notes, std::vector<std::string>{"upgrade"});
}

TEST(PeerOf, KnowsWhoIsOnTheOtherSide) {
  const auto [client, server] = net::tcp_pair();
  const Peer tcp = peer_of(server.get(), net::peer_address(server.get()));
  EXPECT_EQ(to_string(tcp.ip), "127.0.0.1");
  EXPECT_EQ(tcp.port, net::local_address(client.get()).port());
  EXPECT_EQ(tcp.uid, ~0u);

  const auto [mine, theirs] = net::unix_pair();
  const Peer local = peer_of(mine.get(), net::peer_address(mine.get()));
  EXPECT_EQ(to_string(local.ip), "");
  EXPECT_EQ(local.uid, ::getuid());
}

}  // namespace
}  // namespace weir::http
