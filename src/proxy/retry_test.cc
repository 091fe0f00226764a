// What fails is tried again where that does no harm: where, how often, at whose cost.
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "proxy/test_plane.h"

namespace weir::proxy {
namespace {

using End = TestPeer::End;

class RetryTest : public OneGroup {
 protected:
  // Plays the endpoint of a request that is there, wherever it went: the connection and its index.
  std::pair<TestPeer, std::size_t> accept_anywhere() {
    std::size_t at = 0;
    EXPECT_TRUE(eventually([&] {
      for (at = 0; at < hosts.size(); ++at) {
        if (!host(at).nobody_comes()) return true;
      }
      return false;
    }));
    return {host(at).accept(), at};
  }
  // One request over the first host, whose connection is kept afterwards.
  TestPeer warm(TestPeer& client) {
    client.send(kGet);
    TestPeer endpoint = host().accept();
    endpoint.read_head();
    endpoint.send(kOk);
    client.read_head();
    client.read(2);
    return endpoint;
  }
};

TEST_F(RetryTest, GoesElsewhereWhenTheConnectionIsRefused) {
  start(2);
  host(0).close();
  TestPeer client = plane->connect();

  for (int i = 0; i < 4; ++i) client.send(kGet);
  TestPeer endpoint = host(1).accept();
  for (int i = 0; i < 4; ++i) {
    endpoint.read_head();
    endpoint.send(kOk);
    EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
    client.read(2);
  }

  EXPECT_GE(retries("connect"), 1u);
}

TEST_F(RetryTest, GoesElsewhereWhenNoAnswerCame) {
  start(2);
  TestPeer client = plane->connect();
  client.send(post("the body"));
  auto [first, at] = accept_anywhere();
  first.read_head();
  EXPECT_EQ(first.read(8), "the body");

  first.close();

  TestPeer second = host(1 - at).accept();
  EXPECT_TRUE(second.read_head().starts_with("POST / "));
  EXPECT_EQ(second.read(8), "the body");
  second.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(retries("unanswered"), 1u);
  EXPECT_EQ(endpoints[at]->load->failures, 1u);
}

TEST_F(RetryTest, SendsWhatCameOfTheBodyAgainAndThenTheRest) {
  start(2);
  TestPeer client = plane->connect();
  client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\none");
  auto [first, at] = accept_anywhere();
  first.read_head();
  EXPECT_EQ(first.read(3), "one");
  client.send("two");
  EXPECT_EQ(first.read(3), "two");

  first.reset();

  TestPeer second = host(1 - at).accept();
  second.read_head();
  EXPECT_EQ(second.read(6), "onetwo");
  client.send("six");
  EXPECT_EQ(second.read(3), "six");
  second.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(RetryTest, NeverWritesABodyTwiceThatIsNotHeld) {
  TargetGroup options;
  options.retry.body = Bytes{4};
  start(2, options);
  TestPeer client = plane->connect();
  client.send(post("longer than four"));
  auto [first, at] = accept_anywhere();
  first.read_head();
  first.read(16);

  first.close();

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 502 "));
  EXPECT_TRUE(host(1 - at).nobody_comes());
}

TEST_F(RetryTest, SendsEvenALargeBodyElsewhereWhenNothingOfItWasSent) {
  TargetGroup options;
  options.retry.body = Bytes{4};
  start(2, options);
  host(0).close();

  for (int i = 0; i < 2; ++i) {
    TestPeer client = plane->connect();
    client.send(post("longer than four"));
    TestPeer endpoint = host(1).accept();
    endpoint.read_head();
    EXPECT_EQ(endpoint.read(16), "longer than four");
    endpoint.send(kOk);
    EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  }
}

TEST_F(RetryTest, RepeatsOnlySafeMethodsWhereToldSo) {
  TargetGroup options;
  options.retry.unanswered = "safe_methods";
  start(2, options);
  TestPeer client = plane->connect();

  client.send(kGet);
  auto [first, at] = accept_anywhere();
  first.read_head();
  first.close();
  TestPeer second = host(1 - at).accept();
  second.read_head();
  second.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  client.read(2);

  client.send(post("x"));
  auto [third, where] = accept_anywhere();
  third.read_head();
  third.close();
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 502 "));
  EXPECT_TRUE(host(1 - where).nobody_comes());
}

TEST_F(RetryTest, SendsWhatMayNotBeRepeatedOnAConnectionOfItsOwn) {
  TargetGroup options;
  options.retry.unanswered = "safe_methods";
  start(1, options);
  TestPeer client = plane->connect();
  TestPeer kept = warm(client);

  client.send(post("x"));

  TestPeer fresh = host().accept();
  EXPECT_TRUE(fresh.read_head().starts_with("POST "));
  fresh.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(kept.silent());
}

TEST_F(RetryTest, ReplacesAKeptConnectionThatWasClosedWithoutCostOrBlame) {
  TargetGroup options;
  options.retry.attempts = 1;
  options.max_in_flight = 1;
  start(1, options);
  TestPeer client = plane->connect();
  TestPeer kept = warm(client);

  // The endpoint closes just as the next request arrives.
  client.send(post("x"));
  kept.read_head();
  kept.read(1);
  kept.close();
  TestPeer fresh = host().accept();
  EXPECT_TRUE(fresh.read_head().starts_with("POST "));
  EXPECT_EQ(fresh.read(1), "x");
  fresh.send(kOk);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(retries("unanswered"), 0u);
  EXPECT_EQ(endpoints[0]->load->failures, 0u);
}

TEST_F(RetryTest, DoesNotUseAConnectionThatTheEndpointHasClosed) {
  start(1);
  TestPeer client = plane->connect();
  TestPeer kept = warm(client);
  kept.close();

  client.send(kGet);

  TestPeer fresh = host().accept();
  EXPECT_NE(fresh.read_head(), "");
  fresh.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(RetryTest, DoesNotRepeatWhatHungOnAKeptConnectionForFree) {
  TargetGroup options;
  options.retry.attempts = 1;
  options.timeouts.response = 50ms;
  start(1, options);
  TestPeer client = plane->connect();
  TestPeer kept = warm(client);

  client.send(kGet);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 504 "));
  EXPECT_TRUE(host().nobody_comes());
}

TEST_F(RetryTest, DoesNotRepeatWhatWasAnsweredInPart) {
  start(2);
  TestPeer client = plane->connect();
  client.send(kGet);
  auto [first, at] = accept_anywhere();
  first.read_head();

  first.send("HTTP/1.1 200 OK\r\nContent-Le");
  first.close();

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 502 "));
  EXPECT_TRUE(host(1 - at).nobody_comes());
}

TEST_F(RetryTest, PassesA503OfTheEndpointOn) {
  start(2);
  TestPeer client = plane->connect();
  client.send(kGet);
  auto [first, at] = accept_anywhere();
  first.read_head();

  first.send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 503 Busy"));
  EXPECT_TRUE(host(1 - at).nobody_comes());
}

TEST_F(RetryTest, GoesToTheSameEndpointAgainOnlyWhereThereIsNoOther) {
  start(1);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer first = host().accept();
  first.read_head();

  first.close();

  TestPeer second = host().accept();
  second.read_head();
  second.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(RetryTest, WaitsForABusyOtherRatherThanTryTheSameTwice) {
  TargetGroup options;
  options.max_in_flight = 1;
  start(2, options);
  TestPeer holder = plane->connect();
  holder.send(kGet);
  auto [busy, at] = accept_anywhere();
  busy.read_head();
  TestPeer client = plane->connect();
  client.send(post("x"));
  TestPeer failing = host(1 - at).accept();
  failing.read_head();

  failing.close();
  ASSERT_TRUE(eventually([&] { return load().waiting == 1; }));
  EXPECT_TRUE(host(1 - at).nobody_comes());
  busy.send(kOk);

  EXPECT_TRUE(busy.read_head().starts_with("POST ")) << "on the connection that was kept";
  busy.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(RetryTest, DoesNotWaitForAnotherThatIsEjected) {
  start(2);
  endpoints[1]->load->ejected_until = ns(system_clock().now() + 1h);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer first = host(0).accept();
  first.read_head();

  first.close();

  TestPeer second = host(0).accept();
  second.read_head();
  second.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(RetryTest, StopsAfterTheAttemptsAllowed) {
  TargetGroup options;
  options.retry.attempts = 3;
  options.retry.backoff = 1ms;
  start(1, options);
  TestPeer client = plane->connect();
  client.send(kGet);

  for (int i = 0; i < 3; ++i) {
    TestPeer endpoint = host().accept();
    endpoint.read_head();
    endpoint.close();
  }

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 502 "));
  EXPECT_TRUE(host().nobody_comes());
  EXPECT_EQ(retries("unanswered"), 2u);
}

TEST_F(RetryTest, WaitsForItsTurnWhereTheBudgetIsUsedUp) {
  TargetGroup options;
  options.retry.budget = 0;
  options.retry.budget_floor = 1;
  options.retry.backoff = 0ns;
  start(1, options);
  std::vector<TestPeer> clients, peers;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(plane->connect());
    clients.back().send(kGet);
    peers.push_back(host().accept());
    peers.back().read_head();
  }

  for (TestPeer& peer : peers) peer.close();
  TestPeer first = host().accept();
  first.read_head();
  EXPECT_EQ(load().retrying, 1u);
  EXPECT_TRUE(host().nobody_comes());
  first.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
  TestPeer second = host().accept();
  second.read_head();
  second.send(kOk);

  for (TestPeer& client : clients) {
    EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  }
}

TEST_F(RetryTest, EndsTheWaitForItsTurnAfterTheTimeInLine) {
  TargetGroup options;
  options.retry.budget_floor = 1;
  options.retry.backoff = 1ms;
  options.queue.timeout = 50ms;
  start(1, options);
  load().retrying = 1;  // another's
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  endpoint.close();

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 502 "));
  load().retrying = 0;
}

TEST_F(RetryTest, DoesNotWaitForItsTurnWhereRetriesFail) {
  TargetGroup options;
  options.retry.budget_floor = 1;
  options.retry.backoff = 1ms;
  start(1, options);
  load().retrying = 1;  // another's
  load().failed_retries = 1;
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  endpoint.close();

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 502 "));
  load().retrying = 0;
}

TEST_F(RetryTest, NotesWhetherRetriesSucceed) {
  TargetGroup options;
  options.retry.attempts = 2;
  options.retry.backoff = 1ms;
  start(1, options);
  for (const bool succeeds : {false, true}) {
    TestPeer client = plane->connect();
    client.send(kGet);
    TestPeer first = host().accept();
    first.read_head();
    first.close();
    TestPeer second = host().accept();
    second.read_head();
    if (succeeds) second.send(kOk);
    second.close();
    client.read_head();
    EXPECT_TRUE(eventually([&] { return load().failed_retries == !succeeds; })) << succeeds;
  }
}

TEST_F(RetryTest, TriesAnotherEndpointWhenAKeptConnectionWasClosed) {
  start(2);
  TestPeer client = plane->connect();
  std::map<std::size_t, TestPeer> kept;
  for (int i = 0; i < 2; ++i) {  // one connection kept at each
    client.send(kGet);
    auto [peer, at] = accept_anywhere();
    peer.read_head();
    peer.send(kOk);
    client.read_head();
    client.read(2);
    kept[at] = std::move(peer);
  }
  ASSERT_EQ(kept.size(), 2u);

  client.send(post("x"));
  std::size_t at = 0;
  ASSERT_TRUE(eventually([&] { return !kept[at].silent() || !kept[at = 1 - at].silent(); }));
  kept[at].read_head();
  kept[at].read(1);
  kept[at].close();  // perhaps it died of the request

  EXPECT_TRUE(kept[1 - at].read_head().starts_with("POST "));
  kept[1 - at].send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(retries("unanswered"), 0u);
}

TEST_F(RetryTest, SurvivesAChangeOfItsGroupWhileItRests) {
  TargetGroup options;
  options.retry.backoff = 1ms;
  options.retry.budget_floor = 1;
  start(1, options);
  load().retrying = 1;  // another's
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.close();
  ASSERT_TRUE(eventually([&] { return load().in_flight == 0; }));

  for (int i = 0; i < 5; ++i) {
    options.timeouts.idle += 1s;
    plane->set_group("api", options, {endpoints[0]});
    plane->publish();
  }
  load().retrying = 0;

  TestPeer second = host().accept();
  second.read_head();
  second.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(RetryTest, KeepsToTheBudget) {
  TargetGroup options;
  options.retry.budget = 0;
  options.retry.budget_floor = 0;
  start(2, options);
  TestPeer client = plane->connect();
  client.send(kGet);
  auto [first, at] = accept_anywhere();
  first.read_head();

  first.close();

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 502 "));
  EXPECT_TRUE(host(1 - at).nobody_comes());
}

TEST_F(RetryTest, HoldsItsShareOfTheBudgetWhileItIsTried) {
  TargetGroup options;
  options.retry.budget_floor = 1;
  options.retry.backoff = 1ms;
  start(2, options);
  TestPeer client = plane->connect();
  client.send(kGet);
  auto [first, at] = accept_anywhere();
  first.read_head();
  first.close();
  TestPeer second = host(1 - at).accept();
  second.read_head();
  EXPECT_EQ(load().retrying, 1u);

  second.send(kOk);

  client.read_head();
  EXPECT_TRUE(eventually([&] { return load().retrying == 0; }));
}

TEST_F(RetryTest, GivesAFailingEndpointNoMoreTraffic) {
  TargetGroup options;
  options.outlier.consecutive_failures = 2;
  start(2, options);
  host(0).close();
  TestPeer client = plane->connect();
  std::optional<TestPeer> endpoint;
  for (int i = 0; i < 6; ++i) {
    client.send(kGet);
    if (!endpoint) endpoint = host(1).accept();
    endpoint->read_head();
    endpoint->send(kOk);
    EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
    client.read(2);
  }

  EXPECT_GT(endpoints[0]->load->ejected_until, ns(system_clock().now()));
  EXPECT_EQ(retries("connect"), 2u);
}

}  // namespace
}  // namespace weir::proxy
