#include "http/h1_server.h"

#include <gtest/gtest.h>

#include <string>

#include "http/test_wire.h"

namespace weir::http {
namespace {

std::string post(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

Task<> answer_at_once(Exchange& exchange, TestHandler&) {
  co_await exchange.respond(200, "text/plain", "early");
}

// ---------------------------------------------------------------- requests

TEST(H1Server, AnswersRequestAfterRequestOnOneConnection) {
  TestServer test(echo);
  test.connect();
  for (const char* path : {"/a", "/b", "/c"}) {
    test.client->send(post(path, "body"));
    ASSERT_TRUE(test.client->until("POST " + std::string(path) + ": body"));
  }
  EXPECT_EQ(test.handler.requests, 3);
  EXPECT_FALSE(test.client->ended);
  EXPECT_EQ(test.client->bytes.find("Connection:"), std::string::npos);
  test.client->close();
  EXPECT_TRUE(test.loop.until([&] { return test.done; }));
}

TEST(H1Server, AnswersPipelinedRequestsInOrder) {
  TestServer test(echo);
  test.connect();
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += post("/" + std::to_string(i), std::string(static_cast<std::size_t>(i * 7), 'x'));
    all += i % 2 ? "POST /chunked HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                   "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                 : std::string(kGet);
  }
  test.client->send(all);
  ASSERT_TRUE(test.loop.until([&] { return test.handler.requests == 40; }));
  std::string answers = test.client->take();
  for (int i = 0; i < 20; ++i) {
    const std::string first = first_answer(answers), second = first_answer(answers);
    EXPECT_TRUE(first.ends_with("POST /" + std::to_string(i) + ": " +
                                std::string(static_cast<std::size_t>(i * 7), 'x')))
        << first;
    EXPECT_TRUE(second.ends_with(i % 2 ? "POST /chunked: abc" : "GET /: ")) << second;
  }
  EXPECT_EQ(answers, "");
}

TEST(H1Server, UnderstandsRequestsThatComeByteByByte) {
  TestServer test(echo);
  test.connect();
  const std::string both = post("/a", "body") +
                           "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "5;x=y\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n";
  for (const char c : both) {
    test.client->send(std::string_view(&c, 1));
    test.loop.settle();
  }
  ASSERT_TRUE(test.client->until("POST /b: hello"));
  EXPECT_NE(test.client->bytes.find("POST /a: body"), std::string::npos);
  EXPECT_TRUE(test.handler.refusals.empty());
}

TEST(H1Server, ReadsALargeBody) {
  TestServer test(echo);
  test.connect();
  std::string body;
  for (int i = 0; i < 400'000; ++i) body.push_back(static_cast<char>('a' + i % 26));
  test.client->send(post("/a", body));

  ASSERT_TRUE(test.client->until_size(body.size() + 20));
  test.client->poll();
  EXPECT_TRUE(test.client->bytes.ends_with(body));
}

Task<> note_trailers(Exchange& exchange, TestHandler& handler) {
  const auto body = co_await whole_body(exchange, handler);
  if (const Fields* trailers = exchange.trailers()) {
    for (const auto& field : trailers->list) {
      handler.notes.push_back(std::string(field.name) + "=" + std::string(field.value));
    }
  }
  co_await exchange.respond(200, "", "");
}

TEST(H1Server, GivesTheTrailersOfARequest) {
  TestServer test(note_trailers);
  test.connect();
  test.client->send(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\n\r\n");

  ASSERT_TRUE(test.client->until("200 OK"));
  EXPECT_EQ(test.handler.notes, std::vector<std::string>{"X-Sum=1"});
}

TEST(H1Server, SendsNoBodyToHead) {
  TestServer test(echo);
  test.connect();
  test.client->send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(kGet));
  ASSERT_TRUE(test.client->until("GET /: "));
  std::string answers = test.client->take();

  const std::string head = first_answer(answers, true);
  EXPECT_NE(head.find("Content-Length: 9\r\n"), std::string::npos) << head;
  EXPECT_TRUE(answers.starts_with("HTTP/1.1 200 OK")) << answers;
}

Task<> stray_body(Exchange& exchange, TestHandler&) {
  Reply reply;
  reply.status = 204;
  co_await exchange.start(reply, "stray", false);
  co_await exchange.write("stray", true);
}

TEST(H1Server, WritesNoBodyWhereThereIsNone) {
  TestServer test(stray_body);
  test.connect();
  test.client->send(std::string(kGet) + std::string(kGet));
  ASSERT_TRUE(test.loop.until([&] { return test.handler.requests == 2; }));

  EXPECT_EQ(test.client->take(), "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
}

// ---------------------------------------------------------------- versions

TEST(H1Server, ClosesAfterAnOldRequest) {
  TestServer test(echo);
  test.connect();
  test.client->send("GET /old HTTP/1.0\r\n\r\n");

  ASSERT_TRUE(test.client->until_end());
  EXPECT_TRUE(test.client->ended);
  EXPECT_NE(test.client->bytes.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(test.client->bytes.ends_with("GET /old: "));
}

TEST(H1Server, KeepsAnOldConnectionThatAsksForIt) {
  TestServer test(echo);
  test.connect();
  test.client->send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(test.client->until("GET /1: "));
  EXPECT_NE(test.client->bytes.find("Connection: keep-alive\r\n"), std::string::npos);
  test.client->send("GET /2 HTTP/1.0\r\n\r\n");

  ASSERT_TRUE(test.client->until_end());
  EXPECT_TRUE(test.client->bytes.ends_with("GET /2: "));
}

TEST(H1Server, StreamsToAnOldClientUntilItsEnd) {
  TestServer test(answer_in_pieces);
  test.connect();
  test.client->send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

  ASSERT_TRUE(test.client->until_end());
  EXPECT_TRUE(test.client->ended);
  EXPECT_EQ(test.client->bytes.find("chunked"), std::string::npos);
  EXPECT_NE(test.client->bytes.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(test.client->bytes.ends_with("\r\n\r\none,two,three"));
}

// ---------------------------------------------------------------- streaming

TEST(H1Server, SendsEachPieceWhenItIsThere) {
  TestServer test(answer_in_pieces);
  test.connect();
  test.client->send(kGet);
  ASSERT_TRUE(test.client->until("4\r\none,\r\n"));
  EXPECT_EQ(test.client->bytes.find("two"), std::string::npos) << "held back";
  ASSERT_TRUE(test.client->until("4\r\ntwo,\r\n"));
  ASSERT_TRUE(test.client->until("5\r\nthree\r\n0\r\n\r\n"));

  EXPECT_FALSE(test.client->ended);
  EXPECT_EQ(test.handler.notes, std::vector<std::string>{"ok"});
}

Task<> answer_with_trailers(Exchange& exchange, TestHandler&) {
  Reply reply;
  reply.framing.kind = Framing::Kind::chunked;
  co_await exchange.start(reply, "body", false);
  Fields trailers;
  trailers.list.push_back({"X-Sum", "1"});
  co_await exchange.finish(trailers);
}

TEST(H1Server, EndsWithTrailersWhereTheProtocolHasThem) {
  TestServer test(answer_with_trailers);
  test.connect();
  test.client->send(kGet);
  ASSERT_TRUE(test.client->until("4\r\nbody\r\n0\r\nX-Sum: 1\r\n\r\n"));
  test.client->take();
  test.client->send("GET / HTTP/1.0\r\n\r\n");

  ASSERT_TRUE(test.client->until_end());
  EXPECT_TRUE(test.client->bytes.ends_with("\r\n\r\nbody"));
}

Task<> answer_at_length(Exchange& exchange, TestHandler& handler) {
  Reply reply;
  reply.framing.kind = Framing::Kind::chunked;
  const std::string piece(64 * 1024, 'x');
  net::Io io = co_await exchange.start(reply, piece, false);
  for (int i = 0; i < 300 && io == net::Io::ok; ++i) {
    io = co_await exchange.write(piece, i == 299);
  }
  handler.notes.push_back(std::string(to_string(io)));
}

TEST(H1Server, WaitsForASlowReader) {
  TestServer test(answer_at_length);
  test.connect();
  test.client->send(kGet);
  test.loop.settle();
  EXPECT_TRUE(test.handler.notes.empty());

  ASSERT_TRUE(test.client->until("\r\n0\r\n\r\n"));
  EXPECT_EQ(test.handler.notes, std::vector<std::string>{"ok"});
  EXPECT_GT(test.client->bytes.size(), 301u * 64 * 1024);
}

TEST(H1Server, GivesUpOnAReaderThatStandsStill) {
  TestServer test(answer_at_length);
  test.handler.options.limits.body_idle_time = 30ms;
  test.connect();
  test.client->send(kGet);
  EXPECT_TRUE(test.loop.until([&] { return test.done; }));

  EXPECT_EQ(test.handler.notes, std::vector<std::string>{"timed out"});
  ASSERT_TRUE(test.client->until_end());
  EXPECT_TRUE(test.client->broken);
}

// ---------------------------------------------------------------- 100-continue

TEST(H1Server, AsksForTheBodyOfAClientThatWaitsForIt) {
  TestServer test(echo);
  test.connect();
  test.client->send(
      "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  ASSERT_TRUE(test.client->until("\r\n\r\n"));
  EXPECT_EQ(test.client->take(), "HTTP/1.1 100 Continue\r\n\r\n");
  test.client->send("body");

  ASSERT_TRUE(test.client->until("POST /a: body"));
  EXPECT_EQ(test.client->bytes.find("100 Continue"), std::string::npos);
  EXPECT_EQ(test.client->bytes.find("Connection: close"), std::string::npos);
}

TEST(H1Server, AsksForNoBodyThatNobodyWants) {
  TestServer test(answer_at_once);
  test.connect();
  test.client->send(
      "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  ASSERT_TRUE(test.client->until("early"));

  EXPECT_EQ(test.client->bytes.find("100 Continue"), std::string::npos);
  EXPECT_NE(test.client->bytes.find("Connection: close"), std::string::npos);
}

TEST(H1Server, AsksNotForABodyThatIsThere) {
  TestServer test(echo);
  test.connect();
  test.client->send(
      "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody");
  ASSERT_TRUE(test.client->until("POST /a: body"));

  EXPECT_EQ(test.client->bytes.find("100 Continue"), std::string::npos);
}

Task<> hint_first(Exchange& exchange, TestHandler&) {
  const HeaderView add[] = {{"Link", "</style.css>"}};
  Reply hint;
  hint.status = 103;
  hint.add = add;
  co_await exchange.interim(hint);
  co_await exchange.respond(200, "text/plain", "final");
}

TEST(H1Server, PassesInterimResponsesToThoseWhoKnowThem) {
  TestServer test(hint_first);
  test.connect();
  test.client->send(kGet);
  ASSERT_TRUE(test.client->until("final"));
  EXPECT_TRUE(test.client->take().starts_with(
      "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\nHTTP/1.1 200"));
  test.client->send("GET / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(test.client->until("final"));
  EXPECT_TRUE(test.client->take().starts_with("HTTP/1.1 200"));
}

// ---------------------------------------------------------------- refusals

TEST(H1Server, RefusesABadHeadAndCloses) {
  TestServer test(echo);
  test.connect();
  test.client->send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + std::string(kGet));

  ASSERT_TRUE(test.client->until_end());
  EXPECT_TRUE(test.client->ended);
  EXPECT_TRUE(test.client->bytes.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_NE(test.client->bytes.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(test.client->bytes.ends_with("more than one Host header\n"));
  EXPECT_EQ(test.handler.requests, 0);
  EXPECT_EQ(test.handler.refusals, std::vector<std::string>{"400 more than one Host header"});
}

TEST(H1Server, AnswersTheGoodOnesBeforeABadOne) {
  TestServer test(echo);
  test.connect();
  test.client->send(std::string(kGet) + "BAD\r\n\r\n" + std::string(kGet));

  ASSERT_TRUE(test.client->until_end());
  EXPECT_EQ(test.handler.requests, 1);
  EXPECT_NE(test.client->bytes.find("GET /: HTTP/1.1 400"), std::string::npos);
}

TEST(H1Server, RefusesABodyAboveTheLimitByItsLength) {
  TestServer test(echo);
  test.handler.options.limits.body.value = 10;
  test.connect();
  test.client->send(post("/a", "0123456789"));
  ASSERT_TRUE(test.client->until("0123456789"));
  test.client->take();
  test.client->send(post("/a", "0123456789a"));

  ASSERT_TRUE(test.client->until_end());
  EXPECT_TRUE(test.client->bytes.starts_with("HTTP/1.1 413"));
  EXPECT_EQ(test.handler.requests, 1);
}

TEST(H1Server, RefusesAChunkedBodyThatGrowsAboveTheLimit) {
  for (const bool at_once : {true, false}) {
    TestServer test(echo);
    test.handler.options.limits.body.value = 10;
    test.connect();
    test.client->send(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n");
    if (!at_once) test.loop.settle();
    test.client->send("8\r\n12345678\r\n0\r\n\r\n");

    ASSERT_TRUE(test.client->until_end());
    EXPECT_TRUE(test.client->bytes.starts_with("HTTP/1.1 413")) << test.client->bytes;
    EXPECT_EQ(test.handler.notes,
              std::vector<std::string>{"413 the body is larger than the limit"});
  }
}

TEST(H1Server, RefusesBadChunksWhereverTheyAre) {
  for (const bool at_once : {true, false}) {
    TestServer test(echo);
    test.connect();
    test.client->send(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    if (!at_once) test.loop.settle();
    test.client->send("3\r\nabcd\r\n0\r\n\r\n" + std::string(kGet));

    ASSERT_TRUE(test.client->until_end());
    EXPECT_TRUE(test.client->bytes.starts_with("HTTP/1.1 400")) << test.client->bytes;
    EXPECT_EQ(test.handler.requests, 1) << "what follows a bad body is no request";
  }
}

TEST(H1Server, RefusesTrailersThatWouldFrame) {
  TestServer test(echo);
  test.connect();
  test.client->send(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: "
      "5\r\n\r\n" +
      std::string(kGet));

  ASSERT_TRUE(test.client->until_end());
  EXPECT_TRUE(test.client->bytes.starts_with("HTTP/1.1 400")) << test.client->bytes;
  EXPECT_EQ(test.handler.requests, 1);
}

// A reset would take the answer from the client's hands before it has read it.
TEST(H1Server, LetsARefusedClientReadTheAnswerThoughItStillSends) {
  TestServer test(echo);
  test.handler.options.limits.body.value = 10;
  test.connect();
  test.client->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  for (int i = 0; i < 20; ++i) {
    test.client->send(std::string(20'000, 'x'));
    test.loop.settle();
  }
  ASSERT_TRUE(test.client->until_end());

  EXPECT_TRUE(test.client->bytes.starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(test.client->ended);
  EXPECT_FALSE(test.client->broken);
  test.client->close();
  EXPECT_TRUE(test.loop.until([&] { return test.done; }));
}

TEST(H1Server, ClosesAfterAnAnswerThatCameBeforeTheBody) {
  TestServer test(answer_at_once);
  test.connect();
  test.client->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\npart");

  ASSERT_TRUE(test.client->until_end());
  EXPECT_TRUE(test.client->ended);
  EXPECT_NE(test.client->bytes.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(test.client->bytes.ends_with("early"));
  EXPECT_EQ(test.handler.requests, 1);
}

TEST(H1Server, KeepsAConnectionWhoseUnreadBodyHasArrived) {
  TestServer test(answer_at_once);
  test.connect();
  test.client->send(post("/a", "body") + post("/b", "body"));
  ASSERT_TRUE(test.loop.until([&] { return test.handler.requests == 2; }));

  EXPECT_EQ(test.client->take().find("Connection: close"), std::string::npos);
}

}  // namespace
}  // namespace weir::http
