// Requests in line: who goes when a slot comes free, when the configuration changes, and who is
// turned away.
#include <gtest/gtest.h>

#include <set>

#include "proxy/test_plane.h"

namespace weir::proxy {
namespace {

class Waiting : public OneGroup {
 protected:
  static TargetGroup one_at_a_time() {
    TargetGroup options;
    options.max_in_flight = 1;
    return options;
  }
  bool waiting(std::uint32_t count) {
    return eventually([&] { return load().waiting == count; });
  }
};

TEST_F(Waiting, ServesInTheOrderOfTheirComing) {
  start(1, one_at_a_time());
  std::vector<TestPeer> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(plane->connect());
    clients.back().send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: t\r\n\r\n");
    ASSERT_TRUE(i == 0 ? eventually([&] { return load().in_flight == 1; })
                       : waiting(static_cast<std::uint32_t>(i)));
  }
  TestPeer endpoint = host().accept();

  for (int i = 0; i < 4; ++i) {
    const std::string line = "GET /" + std::to_string(i) + " ";
    EXPECT_TRUE(endpoint.read_head().starts_with(line)) << line;
    endpoint.send(kOk);
    EXPECT_TRUE(clients[static_cast<std::size_t>(i)].read_head().starts_with("HTTP/1.1 200 "));
  }
}

TEST_F(Waiting, TurnsAwayAtOnceWhenTheRoomIsFull) {
  TargetGroup options = one_at_a_time();
  options.queue.length = 1;
  start(1, options);
  TestPeer first = plane->connect();
  first.send(kGet);
  TestPeer endpoint = host().accept();
  TestPeer second = plane->connect();
  second.send(kGet);
  ASSERT_TRUE(waiting(1));

  TestPeer third = plane->connect();
  third.send(kGet);

  const std::string head = third.read_head();
  EXPECT_TRUE(head.starts_with("HTTP/1.1 503 ")) << head;
  EXPECT_NE(head.find("Retry-After: 1\r\n"), std::string::npos) << head;
  EXPECT_EQ(plane->total(metrics::rejected_total, {"api", "full"}), 1u);
}

TEST_F(Waiting, EndsAfterTheTimeAllowed) {
  TargetGroup options = one_at_a_time();
  options.queue.timeout = 50ms;
  start(1, options);
  TestPeer first = plane->connect();
  first.send(kGet);
  TestPeer endpoint = host().accept();

  TestPeer second = plane->connect();
  second.send(kGet);

  const std::string head = second.read_head();
  EXPECT_TRUE(head.starts_with("HTTP/1.1 503 ")) << head;
  EXPECT_NE(head.find("Retry-After: 1\r\n"), std::string::npos) << head;
  EXPECT_EQ(plane->total(metrics::rejected_total, {"api", "timeout"}), 1u);
}

TEST_F(Waiting, EndsAtOnceWhereNothingCanEverServe) {
  start(0);
  TestPeer client = plane->connect();

  client.send(kGet);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(plane->total(metrics::rejected_total, {"api", "no_endpoint"}), 1u);
}

TEST_F(Waiting, GoesToTheFirstEndpointOfAScalableGroup) {
  std::atomic<int> started{0};
  hooks.queue_started = [&](const std::string& group) { started += group == "api"; };
  start(0);
  plane->set_group("api", {}, {}, true);
  plane->publish();
  TestPeer client = plane->connect();
  client.send(post("held"));
  ASSERT_TRUE(waiting(1));
  EXPECT_TRUE(eventually([&] { return started == 1; }));

  TestHost born;
  plane->set_group("api", {}, {plane->endpoint(born.address())}, true);
  plane->publish();

  TestPeer endpoint = born.accept();
  endpoint.read_head();
  EXPECT_EQ(endpoint.read(4), "held");
  endpoint.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(Waiting, IsServedWhenAnEndpointBecomesHealthy) {
  start(1);
  endpoints[0]->load->health = Health::starting;
  TestPeer client = plane->connect();
  client.send(kGet);
  ASSERT_TRUE(waiting(1));

  endpoints[0]->load->health = Health::healthy;
  plane->plane.wake(plane->group("api"));

  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(Waiting, IsServedWhenAnEjectionRunsOut) {
  start(1);
  endpoints[0]->load->ejected_until = ns(system_clock().now() + 200ms);
  TestPeer client = plane->connect();

  client.send(kGet);

  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(Waiting, AllOfALineAreServedByManyNewEndpoints) {
  start(1, one_at_a_time());
  TestPeer holder = plane->connect();
  holder.send(kGet);
  TestPeer busy = host().accept();
  std::vector<TestPeer> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(plane->connect());
    clients.back().send(kGet);
  }
  ASSERT_TRUE(waiting(3));

  TestPlane::Endpoints grown{endpoints[0]};
  std::vector<std::unique_ptr<TestHost>> born;
  for (int i = 0; i < 3; ++i) {
    born.push_back(std::make_unique<TestHost>());
    grown.push_back(plane->endpoint(born.back()->address()));
  }
  plane->set_group("api", one_at_a_time(), grown);
  plane->publish();

  for (auto& one : born) {
    TestPeer endpoint = one->accept();
    endpoint.read_head();
    endpoint.send(kOk);
  }
  for (auto& client : clients) EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(eventually([&] { return load().in_flight == 1; })) << "the holder's";
}

TEST_F(Waiting, EndsAtOnceWhenTheGroupIsRemoved) {
  start(1, one_at_a_time(), 2);
  const auto counters = plane->group("api").load;
  TestPeer first = plane->connect();
  first.send(kGet);
  TestPeer endpoint = host().accept();
  std::vector<TestPeer> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(plane->connect());
    clients.back().send(kGet);
  }
  ASSERT_TRUE(eventually([&] { return counters->waiting == 8; }));

  plane->remove_group("api");
  plane->publish();

  for (auto& client : clients) EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 503 "));
  endpoint.send(kOk);  // what is in flight ends as ever
  EXPECT_TRUE(first.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(Waiting, LeavesTheLineWhenTheClientGoes) {
  start(1, one_at_a_time());
  TestPeer first = plane->connect();
  first.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  TestPeer second = plane->connect();
  second.send("GET /second HTTP/1.1\r\nHost: t\r\n\r\n");
  ASSERT_TRUE(waiting(1));
  TestPeer third = plane->connect();
  third.send("GET /third HTTP/1.1\r\nHost: t\r\n\r\n");
  ASSERT_TRUE(waiting(2));

  second.close();

  ASSERT_TRUE(waiting(1));
  endpoint.send(kOk);
  EXPECT_TRUE(endpoint.read_head().starts_with("GET /third "));
  endpoint.send(kOk);
  EXPECT_TRUE(third.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(plane->total(metrics::cancelled_total, {"api"}), 1u);
}

TEST_F(Waiting, TellsTheHookOnceForEachLineThatBegins) {
  std::atomic<int> started{0};
  hooks.queue_started = [&](const std::string&) { ++started; };
  start(1, one_at_a_time());
  TestPeer first = plane->connect();
  first.send(kGet);
  TestPeer endpoint = host().accept();
  std::vector<TestPeer> clients;

  for (std::uint32_t i = 1; i <= 3; ++i) {
    clients.push_back(plane->connect());
    clients.back().send(kGet);
    ASSERT_TRUE(waiting(i));
  }

  EXPECT_EQ(started, 1);
}

TEST_F(Waiting, DoesNotOvertakeWhoWaits) {
  start(1, one_at_a_time(), 2);
  TestPeer first = plane->connect();
  first.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  TestPeer second = plane->connect();
  second.send("GET /second HTTP/1.1\r\nHost: t\r\n\r\n");
  ASSERT_TRUE(waiting(1));
  TestPeer third = plane->connect();
  third.send("GET /third HTTP/1.1\r\nHost: t\r\n\r\n");
  ASSERT_TRUE(waiting(2));

  endpoint.send(kOk);

  ASSERT_TRUE(waiting(1));
  first.read_head();
  std::set<std::string> served;
  // The next may come on the kept connection, or on one of the other worker.
  ASSERT_TRUE(eventually([&] { return !host().nobody_comes() || !endpoint.silent(); }));
  TestPeer next = host().nobody_comes() ? std::move(endpoint) : host().accept();
  EXPECT_TRUE(next.read_head().starts_with("GET /second "));
}

}  // namespace
}  // namespace weir::proxy
