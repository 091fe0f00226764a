// What changes under way: new versions, listeners that come and go, drain and stop.
#include <gtest/gtest.h>

#include "proxy/test_plane.h"

namespace weir::proxy {
namespace {

using End = TestPeer::End;

class WorkerTest : public OneGroup {
 protected:
  static const char* chunk() { return "4\r\ntick\r\n"; }
  // A stream that has begun: the client's end, and the endpoint's.
  std::pair<TestPeer, TestPeer> stream() {
    TestPeer client = plane->connect();
    client.send(kGet);
    TestPeer endpoint = host().accept();
    endpoint.read_head();
    endpoint.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.read_head();
    return {std::move(client), std::move(endpoint)};
  }
  static void expect_alive(TestPeer& client, TestPeer& endpoint) {
    endpoint.send(chunk());
    EXPECT_EQ(client.read(9), chunk());
  }
};

TEST_F(WorkerTest, KeepsAStreamThroughEveryChangeOfItsGroup) {
  start(1);
  auto [client, endpoint] = stream();

  TargetGroup options;
  options.timeouts.idle = 200s;
  plane->set_group("api", options, {endpoints[0]});  // options alone: the same plan
  plane->publish();
  expect_alive(client, endpoint);
  plane->set_group("api", options, {});
  plane->publish();
  expect_alive(client, endpoint);
  plane->remove_group("api");
  plane->publish();
  expect_alive(client, endpoint);
  plane->remove_listener("web");
  plane->publish();
  expect_alive(client, endpoint);
  endpoint.send("0\r\n\r\n");

  EXPECT_EQ(client.read_to_end(), "0\r\n\r\n");
}

TEST_F(WorkerTest, KeepsAnUnansweredRequestThroughAChangeOfOptions) {
  start(1);
  TestPeer client = plane->connect();
  client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nbo");
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.read(2);

  TargetGroup options;
  options.timeouts.response = 500s;
  for (int i = 0; i < 3; ++i) {
    options.max_idle_connections = static_cast<std::uint32_t>(i);
    plane->set_group("api", options, {endpoints[0]});
    plane->publish();
  }
  client.send("dy");
  EXPECT_EQ(endpoint.read(2), "dy");
  endpoint.send(std::string("HTTP/1.1 103 Early Hints\r\n\r\n") + kOk);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 103 "));
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(WorkerTest, ClosesKeptConnectionsOfAnEndpointThatIsRemoved) {
  start(2);
  TestPeer client = plane->connect();
  std::vector<TestPeer> kept;
  for (int i = 0; i < 2; ++i) {
    client.send(kGet);
    ASSERT_TRUE(eventually([&] { return !host(0).nobody_comes() || !host(1).nobody_comes(); }));
    kept.push_back(host(host(0).nobody_comes() ? 1 : 0).accept());
    kept.back().read_head();
    kept.back().send(kOk);
    client.read_head();
    client.read(2);
  }

  plane->set_group("api", {}, {});
  plane->publish();

  EXPECT_EQ(kept[0].end(), End::proper);
  EXPECT_EQ(kept[1].end(), End::proper);
}

TEST_F(WorkerTest, ClosesKeptConnectionsThatAreNotUsed) {
  TargetGroup options;
  options.idle_connections = 10ms;
  start(1, options);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.send(kOk);
  client.read_head();

  EXPECT_EQ(endpoint.end(), End::proper);
}

TEST_F(WorkerTest, DecidesTheNextRequestOfAConnectionByTheNewVersion) {
  start(1);
  TestPeer client = plane->connect();
  Listener listener;
  listener.default_action = Respond{200, "text/plain", "one"};
  plane->set_listener("web", listener);
  plane->publish();
  client.send(kGet);
  client.read_head();
  EXPECT_EQ(client.read(3), "one");

  listener.default_action = Respond{200, "text/plain", "two"};
  plane->set_listener("web", listener);
  plane->publish();
  client.send(kGet);

  client.read_head();
  EXPECT_EQ(client.read(3), "two");
}

TEST_F(WorkerTest, ServesWhatWaitsInTheBacklogOfAListenerThatIsKept) {
  start(1);
  std::vector<TestPeer> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(plane->connect());
    clients.back().send(kGet);
    plane->publish();
  }

  std::vector<TestPeer> peers;
  for (auto& client : clients) {
    peers.push_back(host().accept());
    peers.back().read_head();
    peers.back().send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
    (void)client;
  }
  for (auto& client : clients) EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(WorkerTest, ServesWhatWaitedInTheBacklogOfAListenerThatGoes) {
  start(1, {}, 2);
  for (int round = 0; round < 20; ++round) {
    TestPeer client = plane->connect();
    client.send(kGet);

    plane->remove_listener("web");
    plane->publish();

    TestPeer endpoint = host().accept();
    endpoint.read_head();
    endpoint.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
    ASSERT_TRUE(client.read_head().starts_with("HTTP/1.1 200 ")) << round;
    EXPECT_EQ(client.read_to_end(), "ok");
    plane->set_listener("web", "api");
    plane->publish();
  }
}

TEST_F(WorkerTest, EndsIdleConnectionsOfAListenerThatGoes) {
  start(1);
  TestPeer client = plane->connect();
  ASSERT_TRUE(eventually([&] { return plane->connections() == 1; }));

  plane->remove_listener("web");
  plane->publish();

  EXPECT_EQ(client.end(), End::proper);
}

TEST_F(WorkerTest, GoesOnAcceptingWhenADescriptorChangesItsListener) {
  start(1);
  plane->rename_listener("web", "site");
  plane->publish();

  TestPeer client = plane->connect("site");
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.send(kOk);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(WorkerTest, AcceptsOnListenersThatAreAdded) {
  start(1);
  plane->set_listener("more", "api");
  plane->publish();

  TestPeer client = plane->connect("more");
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.send(kOk);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(WorkerTest, AcceptsWithSeveralWorkersFromOneDescriptor) {
  start(1, {}, 3);
  plane->set_listener("reuse", "api", 3);
  plane->set_listener("few", "api", 2);
  plane->publish();

  for (const char* listener : {"web", "reuse", "few"}) {
    std::vector<TestPeer> clients, peers;
    for (int i = 0; i < 12; ++i) {
      clients.push_back(plane->connect(listener));
      clients.back().send(kGet);
      peers.push_back(host().accept());
      peers.back().read_head();
      peers.back().send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
      EXPECT_TRUE(clients.back().read_head().starts_with("HTTP/1.1 200 ")) << listener;
    }
  }
}

TEST_F(WorkerTest, LeavesConnectionsAboveTheLimitOfTheListenerInTheBacklog) {
  start(1);
  Listener listener;
  listener.default_action = Respond{200, "text/plain", "ok"};
  listener.limits.connections = 1;
  plane->set_listener("web", listener);
  plane->publish();
  TestPeer first = plane->connect();
  first.send(kGet);
  first.read_head();

  TestPeer second = plane->connect();
  second.send(kGet);
  EXPECT_TRUE(eventually(
      [&] { return plane->total(metrics::accept_paused_total, {"web", "connections"}) == 1; }));
  EXPECT_EQ(plane->connections(), 1u);
  first.close();

  EXPECT_TRUE(second.read_head().starts_with("HTTP/1.1 200 "));
}

TEST_F(WorkerTest, DrainsByServingWhatHasCome) {
  start(1);
  auto [streaming, endpoint] = stream();
  TestPeer idle = plane->connect();
  ASSERT_TRUE(eventually([&] { return plane->connections() == 2; }));
  TestPeer late = plane->connect();  // perhaps still in the backlog
  late.send(kGet);

  plane->plane.drain();

  EXPECT_EQ(idle.end(), End::proper);
  TestPeer other = host().accept();
  other.read_head();
  other.send(kOk);
  EXPECT_TRUE(late.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(late.read_to_end(), "ok");
  late.close();
  expect_alive(streaming, endpoint);
  EXPECT_TRUE(eventually([&] { return plane->connections() == 1; }));
  endpoint.send("0\r\n\r\n");
  EXPECT_EQ(streaming.read(5), "0\r\n\r\n");
  streaming.close();
  EXPECT_TRUE(eventually([&] { return plane->connections() == 0; }));
}

TEST_F(WorkerTest, TellsWhenADrainingEndpointHasServedItsLast) {
  std::atomic<int> told{0};
  hooks.drained = [&](const std::string& group, const std::string&) { told += group == "api"; };
  start(1);
  auto [client, endpoint] = stream();
  endpoints[0]->load->draining = true;
  EXPECT_EQ(told, 0);

  endpoint.send("0\r\n\r\n");

  EXPECT_TRUE(eventually([&] { return told == 1; }));
}

TEST_F(WorkerTest, StopBreaksATunnelWhoseEndpointTakesNothing) {
  start(1);
  TestPeer client = plane->connect();
  client.send("GET /ws HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.send(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  client.read_head();
  client.fill();
  const Time begin = system_clock().now();

  plane->plane.stop();

  EXPECT_LT(system_clock().now() - begin, 10s);
  EXPECT_EQ(client.end(), End::reset);
}

TEST_F(WorkerTest, StopBreaksOffWhatIsLeftAtEveryStage) {
  TargetGroup options;
  options.max_in_flight = 1;
  start(2, options, 2);
  auto [streaming, endpoint] = [&] {
    TestPeer client = plane->connect();
    client.send(kGet);
    EXPECT_TRUE(eventually([&] { return !host(0).nobody_comes() || !host(1).nobody_comes(); }));
    TestPeer peer = host(host(0).nobody_comes() ? 1 : 0).accept();
    peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.read_head();
    return std::pair(std::move(client), std::move(peer));
  }();
  TestPeer uploading = plane->connect();
  uploading.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\nbegin");
  ASSERT_TRUE(eventually([&] { return load().in_flight == 2; }));
  TestPeer in_line = plane->connect();
  in_line.send(kGet);
  ASSERT_TRUE(eventually([&] { return load().waiting == 1; }));
  TestPeer idle = plane->connect();
  ASSERT_TRUE(eventually([&] { return plane->connections() == 4; }));

  plane->plane.stop();

  EXPECT_EQ(load().waiting, 0u);
  EXPECT_EQ(load().in_flight, 0u);
  EXPECT_EQ(streaming.end(), End::reset);
  EXPECT_EQ(uploading.end(), End::reset);
  EXPECT_EQ(in_line.end(), End::reset);
}

}  // namespace
}  // namespace weir::proxy
