// A request and its answer as both sides see them on the wire.
#include <gtest/gtest.h>

#include "proxy/test_plane.h"

namespace weir::proxy {
namespace {

using End = TestPeer::End;

class Forward : public OneGroup {};

TEST_F(Forward, RelaysARequestAndItsAnswer) {
  start(1);
  TestPeer client = plane->connect();

  client.send(post("question"));
  TestPeer endpoint = host().accept();
  const std::string head = endpoint.read_head();
  const std::string body = endpoint.read(8);
  endpoint.send("HTTP/1.1 201 Fine\r\nContent-Length: 6\r\nX-Model: a\r\n\r\nanswer");

  EXPECT_TRUE(head.starts_with("POST / HTTP/1.1\r\n")) << head;
  EXPECT_NE(head.find("X-Forwarded-For: 127.0.0.1\r\n"), std::string::npos) << head;
  EXPECT_EQ(body, "question");
  const std::string answer = client.read_head();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 201 Fine\r\n")) << answer;
  EXPECT_NE(answer.find("X-Model: a\r\n"), std::string::npos) << answer;
  EXPECT_EQ(client.read(6), "answer");
}

TEST_F(Forward, KeepsBothConnectionsForTheNextRequest) {
  start(1);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();

  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(endpoint.read_head(), "");
    endpoint.send(kOk);
    client.read_head();
    EXPECT_EQ(client.read(2), "ok");
    client.send(kGet);
  }

  EXPECT_NE(endpoint.read_head(), "");
  endpoint.send(kOk);
  EXPECT_NE(client.read_head(), "");
  EXPECT_TRUE(host().nobody_comes());
}

TEST_F(Forward, AnswersPipelinedRequestsInOrder) {
  start(1);
  TestPeer client = plane->connect();
  client.send(std::string("GET /1 HTTP/1.1\r\nHost: t\r\n\r\n") +
              "GET /2 HTTP/1.1\r\nHost: t\r\n\r\n");
  TestPeer endpoint = host().accept();

  EXPECT_TRUE(endpoint.read_head().starts_with("GET /1 "));
  endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
  EXPECT_TRUE(endpoint.read_head().starts_with("GET /2 "));
  endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");

  client.read_head();
  EXPECT_EQ(client.read(1), "1");
  client.read_head();
  EXPECT_EQ(client.read(1), "2");
}

TEST_F(Forward, RelaysAHeadRequestWithoutABody) {
  start(1);
  TestPeer client = plane->connect();
  client.send("HEAD / HTTP/1.1\r\nHost: t\r\n\r\n");
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");

  EXPECT_NE(client.read_head().find("Content-Length: 1000\r\n"), std::string::npos);
  client.send(kGet);  // on the same two connections
  EXPECT_TRUE(endpoint.read_head().starts_with("GET "));
  endpoint.send(kOk);
  client.read_head();
  EXPECT_EQ(client.read(2), "ok");
}

TEST_F(Forward, StreamsEachPieceAsItComes) {
  start(1);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  endpoint.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.read_head();
  for (const char* event : {"5\r\nfirst\r\n", "6\r\nsecond\r\n"}) {
    endpoint.send(event);
    EXPECT_EQ(client.read(std::string(event).size()), event);
  }
  endpoint.send("0\r\n\r\n");

  EXPECT_EQ(client.read(5), "0\r\n\r\n");
}

TEST_F(Forward, RelaysTrailersBothWays) {
  start(1);
  TestPeer client = plane->connect();
  client.send(
      "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n");
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  EXPECT_EQ(endpoint.read_until("\r\n\r\n"), "2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n");
  endpoint.send(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Tokens: 7\r\n\r\n");
  client.read_head();
  EXPECT_EQ(client.read_until("\r\n\r\n"), "2\r\nok\r\n0\r\nX-Tokens: 7\r\n\r\n");
}

TEST_F(Forward, RelaysTrailersThatComeAfterTheHeadWentUp) {
  start(1);
  TestPeer client = plane->connect();
  client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n");
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  EXPECT_EQ(endpoint.read(7), "2\r\nhi\r\n");

  client.send("0\r\nX-Sum: 1\r\n\r\n");

  EXPECT_EQ(endpoint.read_until("\r\n\r\n"), "0\r\nX-Sum: 1\r\n\r\n");
  endpoint.send(kOk);
  EXPECT_NE(client.read_head(), "");
  EXPECT_EQ(client.read(2), "ok");
}

TEST_F(Forward, PassesInformationalResponsesOn) {
  start(1);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  endpoint.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 103 Early Hints\r\n"));
  endpoint.send(kOk);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(client.read(2), "ok");
}

TEST_F(Forward, TakesInformationalAndFinalResponseInOnePiece) {
  start(1);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  endpoint.send(std::string("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n") + kOk);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 103"));
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200"));
  EXPECT_EQ(client.read(2), "ok");
}

TEST_F(Forward, AsksForTheBodyOnlyOnceAnEndpointWasFound) {
  TargetGroup options;
  options.max_in_flight = 1;
  start(1, options);
  TestPeer first = plane->connect();
  first.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  TestPeer client = plane->connect();
  client.send("POST / HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return load().waiting == 1; }));
  EXPECT_TRUE(client.silent());
  endpoint.send(kOk);

  EXPECT_EQ(client.read_head(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_TRUE(endpoint.read_head().starts_with("POST "));
  EXPECT_EQ(endpoint.read(4), "body");
  endpoint.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200"));
}

TEST_F(Forward, RelaysAnAnswerThatComesBeforeTheEndOfTheBody) {
  start(1);
  TestPeer client = plane->connect();
  client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n\r\nbegin");
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.read(5);

  endpoint.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nstop");

  const std::string head = client.read_head();
  EXPECT_TRUE(head.starts_with("HTTP/1.1 413 ")) << head;
  EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos) << head;
  EXPECT_EQ(client.read(4), "stop");
  EXPECT_EQ(endpoint.end(), End::proper);  // half a request was sent on it: not kept
}

TEST_F(Forward, StreamsBothWaysAtOnce) {
  start(1);
  TestPeer client = plane->connect();
  client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.read_head();

  for (int i = 0; i < 3; ++i) {
    client.send("4\r\nping\r\n");
    EXPECT_EQ(endpoint.read(9), "4\r\nping\r\n");
    endpoint.send("4\r\npong\r\n");
    EXPECT_EQ(client.read(9), "4\r\npong\r\n");
  }
  client.send("0\r\n\r\n");
  EXPECT_EQ(endpoint.read(5), "0\r\n\r\n");
  endpoint.send("0\r\n\r\n");

  EXPECT_EQ(client.read(5), "0\r\n\r\n");
}

TEST_F(Forward, RefusesABodyThatBreaksTheRulesAndCancelsUpstream) {
  start(1);
  TestPeer client = plane->connect();
  client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n");
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.read(7);

  client.send("zz\r\n");

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(endpoint.end(), End::proper);
}

TEST_F(Forward, WritesNoSecondHeadWhenTheBodyBreaksTheRulesAfterTheAnswerBegan) {
  start(1);
  TestPeer client = plane->connect();
  client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n");
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
  client.read_head();
  EXPECT_EQ(client.read(7), "2\r\nok\r\n");

  client.send("zz\r\n");

  EXPECT_EQ(client.end(), End::reset);
}

TEST_F(Forward, ResetsTheClientWhenTheEndpointBreaksOff) {
  start(1);
  for (const bool chunked : {true, false}) {
    TestPeer client = plane->connect();
    client.send(kGet);
    TestPeer endpoint = host().accept();
    endpoint.read_head();
    endpoint.send(chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
                          : "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok");
    client.read_head();
    client.read(chunked ? 7 : 2);

    endpoint.close();

    EXPECT_EQ(client.end(), End::reset) << chunked;
  }
  EXPECT_EQ(plane->total(metrics::cut_total, {"api", "endpoint"}), 2u);
}

TEST_F(Forward, ResetsTheClientWhenAResponseUntilCloseIsReset) {
  start(1);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.send("HTTP/1.1 200 OK\r\n\r\npart");
  client.read_head();
  EXPECT_EQ(client.read(9), "4\r\npart\r\n");

  endpoint.reset();

  EXPECT_EQ(client.end(), End::reset);
}

TEST_F(Forward, EndsAResponseUntilCloseProperly) {
  start(1);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  endpoint.send("HTTP/1.1 200 OK\r\n\r\nall");
  client.read_head();
  EXPECT_EQ(client.read(8), "3\r\nall\r\n");
  endpoint.close();

  EXPECT_EQ(client.read(5), "0\r\n\r\n");
}

TEST_F(Forward, Says502WhenTheAnswerIsNotHttp) {
  start(1);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  endpoint.send("SSH-2.0-OpenSSH_9.2\r\n");

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 502 "));
  EXPECT_EQ(endpoint.end(), End::proper);
}

TEST_F(Forward, Says504WhenNoAnswerComesInTime) {
  TargetGroup options;
  options.timeouts.response = 50ms;
  options.retry.attempts = 1;
  start(1, options);
  TestPeer client = plane->connect();

  client.send(kGet);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 504 "));
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  EXPECT_EQ(endpoint.end(), End::proper);
}

TEST_F(Forward, CountsTheTimeToAnswerFromTheEndOfTheRequest) {
  TargetGroup options;
  options.timeouts.response = 100ms;
  options.retry.attempts = 1;
  start(1, options);
  TestPeer client = plane->connect();
  client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nbo");
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  EXPECT_EQ(endpoint.read(2), "bo");

  // Longer than the endpoint has for its answer; the client takes its time.
  const Time until = system_clock().now() + 250ms;
  ASSERT_TRUE(eventually([&] { return system_clock().now() > until; }));
  EXPECT_TRUE(client.silent());
  client.send("dy");
  EXPECT_EQ(endpoint.read(2), "dy");
  endpoint.send(kOk);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(Forward, ResetsTheClientWhenTheEndpointFallsSilent) {
  TargetGroup options;
  options.timeouts.idle = 50ms;
  start(1, options);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart");
  client.read_head();
  client.read(4);

  EXPECT_EQ(client.end(), End::reset);
  EXPECT_EQ(endpoint.end(), End::proper);
}

TEST_F(Forward, CarriesLargeBodiesBothWays) {
  start(1);
  const std::string large(3'000'000, 'q');
  TestPeer client = plane->connect();
  std::thread sender([&] { client.send(post(large)); });
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  const bool came = endpoint.read(large.size()) == large;
  sender.join();
  std::thread answerer(
      [&] { endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + large); });
  client.read_head();
  const bool went = client.read(large.size()) == large;
  answerer.join();

  EXPECT_TRUE(came);
  EXPECT_TRUE(went);
}

TEST_F(Forward, ServesAnEndpointOnAUnixSocket) {
  const std::string path = testing::TempDir() + "weir_proxy_test.sock";
  ::unlink(path.c_str());
  start(0);
  TestHost local("unix:" + path);
  plane->set_group("api", {}, {plane->endpoint(local.address())});
  plane->publish();
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = local.accept();
  endpoint.read_head();

  endpoint.send(kOk);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  ::unlink(path.c_str());
}

TEST_F(Forward, SwitchesToATunnelWithHalfClose) {
  start(1);
  TestPeer client = plane->connect();
  client.send(
      "GET /ws HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly");
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.send(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello");
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 101 "));
  EXPECT_EQ(client.read(5), "hello");
  EXPECT_EQ(endpoint.read(5), "early");

  client.send("bye");
  client.finish();
  EXPECT_EQ(endpoint.read_to_end(), "bye");
  endpoint.send("after");
  EXPECT_EQ(client.read(5), "after");
  endpoint.close();

  EXPECT_EQ(client.end(), End::proper);
}

TEST_F(Forward, ResetsTheClientOfATunnelThatBreaks) {
  start(1);
  TestPeer client = plane->connect();
  client.send("GET /ws HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.send(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  client.read_head();

  endpoint.reset();

  EXPECT_EQ(client.end(), End::reset);
}

TEST_F(Forward, Says502WhenTheEndpointSwitchesProtocolsUnasked) {
  start(1);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  endpoint.send(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 502 "));
}

}  // namespace
}  // namespace weir::proxy
