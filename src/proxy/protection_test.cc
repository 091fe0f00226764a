// What protects from too much, in every order of events: retries by status, limits of time,
// hedging, floods of interim responses, priorities. The binary's tests say the rest (tests/e2e).
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <thread>

#include <thread>
#include <utility>
#include <vector>

#include "proxy/test_plane.h"

namespace weir::proxy {
namespace {

using End = TestPeer::End;

class Protection : public OneGroup {
 protected:
  // One rule for everything.
  void start_with(std::size_t count, TargetGroup options, Rule rule) {
    start(count, std::move(options));
    rule.match.path = {"*"};
    rule.action = Forward{{Forward::Share{"api", 1}}};
    Listener listener;
    listener.rules.push_back(std::move(rule));
    plane->set_listener("web", std::move(listener));
    plane->publish();
  }
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
  // Hedges at once after one answer.
  static TargetGroup eager() {
    TargetGroup options;
    options.hedge.enabled = true;
    options.hedge.min_samples = 1;
    options.hedge.min_delay = 20ms;
    options.hedge.budget = 1;
    return options;
  }
  // One request that is answered at once; its connections close.
  void learn() {
    TestPeer client = plane->connect();
    client.send(kGet);
    TestPeer endpoint = accept_anywhere().first;
    endpoint.read_head();
    endpoint.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
    EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  }
  std::uint64_t hedges(const std::string& result) {
    return plane->total(metrics::hedges_total, {"api", result});
  }
};

TEST_F(Protection, TriesAgainOnAStatusOfTheRule) {
  Rule rule;
  rule.retry.on = Names{"503"};
  start_with(2, {}, rule);
  TestPeer client = plane->connect();
  client.send(post("the body"));
  auto [first, at] = accept_anywhere();
  first.read_head();
  EXPECT_EQ(first.read(8), "the body");

  first.send("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");

  TestPeer second = host(1 - at).accept();
  second.read_head();
  EXPECT_EQ(second.read(8), "the body");
  second.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(retries("status"), 1u);
}

TEST_F(Protection, GivesTheAnswerWhereTheBudgetIsUsedUp) {
  TargetGroup options;
  options.retry.on = {"5xx"};
  options.retry.budget = 0;
  options.retry.budget_floor = 0;
  start(2, options);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = accept_anywhere().first;
  endpoint.read_head();

  endpoint.send("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 503 Busy"));
  EXPECT_EQ(client.read(4), "busy");
}

TEST_F(Protection, EndsARequestWhoseTimeIsOver) {
  Rule rule;
  rule.timeouts.request = 50ms;
  start_with(1, {}, rule);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 504 "));
  EXPECT_NE(endpoint.end(), End::none);
  EXPECT_EQ(plane->total(metrics::timeouts_total, {"api", "request"}), 1u);
}

TEST_F(Protection, EndsARequestInTheMidstOfItsBody) {
  Rule rule;
  rule.timeouts.request = 50ms;
  start_with(1, {}, rule);
  TestPeer client = plane->connect();
  client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\none");
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  EXPECT_EQ(endpoint.read(3), "one");

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 504 "));
  EXPECT_NE(endpoint.end(), End::none);
}

TEST_F(Protection, CutsAResponseWhoseLifetimeIsOver) {
  Rule rule;
  rule.timeouts.lifetime = 80ms;
  start_with(1, {}, rule);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(client.read(4), "half");
  EXPECT_NE(client.end(), End::none);
  EXPECT_NE(endpoint.end(), End::none);
  EXPECT_EQ(plane->total(metrics::cut_total, {"api", "weir"}), 1u);
}

TEST_F(Protection, EndsAFloodOfInterimResponses) {
  start(1);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  std::string flood;
  for (int i = 0; i < 101; ++i) flood += "HTTP/1.1 102 Processing\r\n\r\n";

  endpoint.send(flood);

  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(client.read_head().starts_with("HTTP/1.1 102 ")) << i;
  }
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 502 "));
  EXPECT_EQ(endpoints[0]->load->failures, 1u);
}

TEST_F(Protection, HedgesALateFirstByteAndCancelsTheLoser) {
  start(2, eager());
  learn();
  TestPeer client = plane->connect();
  client.send(post("the body"));
  auto [first, at] = accept_anywhere();
  first.read_head();
  EXPECT_EQ(first.read(8), "the body");

  TestPeer second = host(1 - at).accept();  // after the delay
  second.read_head();
  EXPECT_EQ(second.read(8), "the body");
  second.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nok");

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_NE(first.end(), End::none);
  // The loser's slot is free while the winner still streams.
  EXPECT_TRUE(eventually([&] { return load().in_flight == 1; }));
  second.send("ay");
  EXPECT_EQ(client.read(4), "okay");
  EXPECT_TRUE(eventually([&] { return hedges("won") == 1; }));
}

TEST_F(Protection, HedgesARequestWhoseBodyComesInPieces) {
  start(2, eager());
  learn();
  TestPeer client = plane->connect();
  const std::string request = post("the body");
  client.send(request.substr(0, request.size() - 4));
  auto [first, at] = accept_anywhere();
  first.read_head();
  EXPECT_EQ(first.read(4), "the ");
  std::this_thread::sleep_for(50ms);  // more than the delay: not without the whole body
  client.send("body");

  TestPeer second = host(1 - at).accept();
  second.read_head();
  EXPECT_EQ(second.read(8), "the body");
  second.send(kOk);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(eventually([&] { return hedges("won") == 1; }));
}

TEST_F(Protection, CancelsTheHedgeWhenTheFirstAnswers) {
  start(2, eager());
  learn();
  TestPeer client = plane->connect();
  client.send(kGet);
  auto [first, at] = accept_anywhere();
  first.read_head();
  TestPeer second = host(1 - at).accept();
  second.read_head();

  first.send(kOk);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_NE(second.end(), End::none);
  EXPECT_TRUE(eventually([&] { return hedges("lost") == 1; }));
}

// A listener whose backlog is full: a further connection attempt gets no answer.
class FullHost {
 public:
  FullHost() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const net::Address any = net::parse_address("127.0.0.1:0").value();
    EXPECT_EQ(::bind(listener_.get(), any.data(), any.length()), 0);
    EXPECT_EQ(::listen(listener_.get(), 0), 0);
    const net::Address here = net::local_address(listener_.get());
    for (net::Fd& client : clients_) {
      client = net::Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      ::connect(client.get(), here.data(), here.length());
    }
  }
  std::string address() const { return net::local_address(listener_.get()).to_string(); }

 private:
  net::Fd listener_;
  net::Fd clients_[3];
};

TEST_F(Protection, CancelsTheOneThatIsStillConnecting) {
  TargetGroup options = eager();
  options.timeouts.connect = 30s;
  start(1, options);
  learn();
  const FullHost full;
  endpoints.push_back(plane->endpoint(full.address()));
  plane->set_group("api", options, {endpoints[0], endpoints[1]});
  plane->publish();

  for (int i = 0; i < 4; ++i) {  // each of them is the first one in its turn
    TestPeer client = plane->connect();
    client.send(kGet);
    TestPeer endpoint = host().accept();
    endpoint.read_head();
    EXPECT_TRUE(eventually([&] { return load().in_flight == 2; }));
    endpoint.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
    EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
    EXPECT_TRUE(eventually([&] { return load().in_flight == 0; }));
  }
}

TEST_F(Protection, TriesAThirdTimeWhenBothFail) {
  start(2, eager());
  learn();
  TestPeer client = plane->connect();
  client.send(kGet);
  auto [first, at] = accept_anywhere();
  first.read_head();
  TestPeer second = host(1 - at).accept();
  second.read_head();
  first.reset();
  second.reset();

  TestPeer third = accept_anywhere().first;
  third.read_head();
  third.send(kOk);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(hedges("failed"), 1u);
}

TEST_F(Protection, TheHedgeAnswersWhenTheFirstFails) {
  start(2, eager());
  learn();
  TestPeer client = plane->connect();
  client.send(kGet);
  auto [first, at] = accept_anywhere();
  first.read_head();
  TestPeer second = host(1 - at).accept();
  second.read_head();

  first.reset();
  second.send(kOk);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(Protection, AClientThatLeavesCancelsBoth) {
  start(2, eager());
  learn();
  TestPeer client = plane->connect();
  client.send(kGet);
  auto [first, at] = accept_anywhere();
  first.read_head();
  TestPeer second = host(1 - at).accept();
  second.read_head();

  client.close();

  EXPECT_NE(first.end(), End::none);
  EXPECT_NE(second.end(), End::none);
}

TEST_F(Protection, StopsWithAHedgeUnderWay) {
  start(2, eager());
  learn();
  TestPeer client = plane->connect();
  client.send(kGet);
  auto [first, at] = accept_anywhere();
  first.read_head();
  TestPeer second = host(1 - at).accept();
  second.read_head();

  plane->plane.stop();

  EXPECT_NE(client.end(), End::none);
}

TEST_F(Protection, ServesTheImportantFirst) {
  TargetGroup options;
  options.max_in_flight = 1;
  options.queue.classes = {"high", "low"};
  options.queue.class_header = "X-Class";
  start(1, options);
  std::vector<TestPeer> clients;
  for (const char* name : {"held", "low", "low", "high"}) {
    clients.push_back(plane->connect());
    clients.back().send("GET /" + std::to_string(clients.size()) +
                        " HTTP/1.1\r\nHost: t\r\nX-Class: " + name + "\r\n\r\n");
    const auto others = static_cast<std::uint32_t>(clients.size() - 1);
    ASSERT_TRUE(eventually([&] { return load().in_flight == 1 && load().waiting == others; }));
  }
  TestPeer endpoint = host().accept();

  for (const char* path : {"GET /1 ", "GET /4 ", "GET /2 ", "GET /3 "}) {
    EXPECT_TRUE(endpoint.read_head().starts_with(path)) << path;
    endpoint.send(kOk);
  }
}

TEST_F(Protection, DisplacesTheNewestOfTheLeastImportant) {
  TargetGroup options;
  options.max_in_flight = 1;
  options.queue.length = 1;
  options.queue.classes = {"high", "low"};
  options.queue.class_header = "X-Class";
  start(1, options);
  TestPeer held = plane->connect();
  held.send(kGet);
  TestPeer endpoint = host().accept();
  TestPeer low = plane->connect();
  low.send(kGet);
  ASSERT_TRUE(eventually([&] { return load().waiting == 1; }));

  TestPeer high = plane->connect();
  high.send("GET /high HTTP/1.1\r\nHost: t\r\nX-Class: high\r\n\r\n");

  const std::string head = low.read_head();
  EXPECT_TRUE(head.starts_with("HTTP/1.1 503 ")) << head;
  EXPECT_NE(head.find("Retry-After: 1\r\n"), std::string::npos) << head;
  endpoint.read_head();
  endpoint.send(kOk);
  EXPECT_TRUE(endpoint.read_head().starts_with("GET /high "));
  endpoint.send(kOk);
  EXPECT_TRUE(high.read_head().starts_with("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace weir::proxy
