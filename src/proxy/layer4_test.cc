// Connections and flows of layer 4, with clients and endpoints that the test plays.
#include "proxy/layer4.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>

#include "net/proxy_protocol.h"
#include "proxy/test_plane.h"

namespace weir::proxy {
namespace {

using End = TestPeer::End;

class Layer4Test : public OneGroup {
 protected:
  void start(std::size_t count, TargetGroup options = {}, Listener listener = {}) {
    options.protocol = "tcp";
    OneGroup::start(count, std::move(options));
    listener.protocol = listener.protocol == "http" ? "tcp" : listener.protocol;
    listener.default_action = Forward{{Forward::Share{"api", 1}}};
    plane->set_listener("l4", std::move(listener));
    plane->publish();
  }
  TestPeer connect() { return plane->connect("l4"); }
  std::uint64_t ended(const std::string& how) {
    return plane->total(metrics::l4_ended_total, {"l4", "api", how});
  }
  bool in_line(std::uint32_t count) {
    return eventually([&] { return load().waiting == count; });
  }
};

TEST_F(Layer4Test, ForwardsBytesBothWaysUntilBothSidesHaveEnded) {
  start(1);
  TestPeer client = connect();
  TestPeer endpoint = host().accept();
  client.send("ping");
  EXPECT_EQ(endpoint.read(4), "ping");
  EXPECT_EQ(endpoints[0]->load->in_flight, 1u);

  client.finish();
  EXPECT_EQ(endpoint.end(), End::proper);
  endpoint.send("pong");
  endpoint.close();

  EXPECT_EQ(client.read_to_end(), "pong");
  EXPECT_EQ(client.met(), End::proper);
  EXPECT_TRUE(eventually([&] { return ended("proper") == 1; }));
  EXPECT_EQ(plane->total(metrics::request_bytes_total, {"api"}), 4u);
  EXPECT_EQ(plane->total(metrics::response_bytes_total, {"api"}), 4u);
  EXPECT_EQ(load().arrivals, 1u);
}

TEST_F(Layer4Test, AsksAnotherEndpointWhileNothingWasSent) {
  start(2);
  host(0).close();
  for (int i = 0; i < 4; ++i) {
    TestPeer client = connect();
    TestPeer endpoint = host(1).accept();
    client.send("ping");
    EXPECT_EQ(endpoint.read(4), "ping");
  }
  EXPECT_GE(retries("connect"), 2u);  // whenever it was the turn of the first
}

TEST_F(Layer4Test, ResetsAClientThatNoEndpointTakes) {
  start(1);
  host().close();

  TestPeer client = connect();

  EXPECT_EQ(client.end(), End::reset);
  EXPECT_TRUE(eventually([&] { return ended("rejected") == 1; }));
}

TEST_F(Layer4Test, HoldsAConnectionUntilThereIsAnEndpoint) {
  start(0);
  TargetGroup options;
  options.protocol = "tcp";
  plane->set_group("api", options, {}, true);
  plane->publish();
  TestPeer client = connect();
  client.send("early");
  ASSERT_TRUE(in_line(1));

  hosts.push_back(std::make_unique<TestHost>());
  endpoints.push_back(plane->endpoint(host().address()));
  plane->set_group("api", options, {endpoints[0]}, true);
  plane->publish();

  EXPECT_EQ(host().accept().read(5), "early");
}

TEST_F(Layer4Test, ForgetsAClientThatBreaksOffWhileItWaits) {
  TargetGroup options;
  options.max_in_flight = 1;
  start(1, options);
  TestPeer first = connect();
  TestPeer endpoint = host().accept();
  TestPeer second = connect();
  ASSERT_TRUE(in_line(1));

  second.reset();

  EXPECT_TRUE(in_line(0));
  EXPECT_TRUE(eventually([&] { return ended("client") == 1; }));
}

TEST_F(Layer4Test, AClientMayEndItsSideWhileItWaits) {
  TargetGroup options;
  options.max_in_flight = 1;
  start(1, options);
  TestPeer first = connect();
  TestPeer endpoint = host().accept();
  TestPeer second = connect();
  second.send("all I have");
  second.finish();
  ASSERT_TRUE(in_line(1));

  first.close();
  endpoint.close();

  TestPeer next = host().accept();
  EXPECT_EQ(next.read_to_end(), "all I have");
  next.send("answer");
  next.close();
  EXPECT_EQ(second.read_to_end(), "answer");
}

TEST_F(Layer4Test, DrainsByLeavingConnectionsToTheirEnd) {
  start(1);
  TestPeer client = connect();
  TestPeer endpoint = host().accept();

  plane->plane.drain();

  client.send("still");
  EXPECT_EQ(endpoint.read(5), "still");
  EXPECT_EQ(plane->connections(), 1u);
  client.close();
  endpoint.close();
  EXPECT_TRUE(eventually([&] { return plane->connections() == 0; }));
}

TEST_F(Layer4Test, ARequestBehindAHeaderThatCameWhileDrainingIsTheLast) {
  OneGroup::start(1);
  Listener listener;
  listener.proxy_protocol = true;
  listener.default_action = Forward{{Forward::Share{"api", 1}}};
  plane->set_listener("introduced", listener);
  plane->publish();
  TestPeer client = plane->connect("introduced");
  client.send("PROXY TCP4 192.0.2.1 ");
  ASSERT_TRUE(eventually([&] { return plane->connections() == 1; }));

  plane->plane.drain();
  client.send("192.0.2.2 1 2\r\n" + std::string(kGet));

  TestPeer endpoint = host().accept();
  EXPECT_NE(endpoint.read_head().find("192.0.2.1"), std::string::npos);
  endpoint.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(client.read(2), "ok");
  EXPECT_EQ(client.end(), End::proper);
}

TEST_F(Layer4Test, StopBreaksOffAtEveryStage) {
  TargetGroup options;
  options.max_in_flight = 1;
  start(1, options);
  Listener named;
  named.protocol = "tls_passthrough";
  named.default_action = Forward{{Forward::Share{"api", 1}}};
  plane->set_listener("tls", named);
  Listener introduced;
  introduced.proxy_protocol = true;
  introduced.default_action = Forward{{Forward::Share{"api", 1}}};
  plane->set_listener("introduced", introduced);
  plane->publish();
  TestPeer carried = connect();
  TestPeer endpoint = host().accept();
  TestPeer waiting = connect();
  TestPeer silent = plane->connect("tls");
  TestPeer half = plane->connect("introduced");
  half.send("PROXY TCP4 ");
  ASSERT_TRUE(in_line(1));
  ASSERT_TRUE(eventually([&] { return plane->connections() == 4; }));

  plane->plane.stop();

  for (TestPeer* peer : {&carried, &waiting, &silent, &half, &endpoint}) {
    EXPECT_NE(peer->end(), End::none);
  }
}

TEST_F(Layer4Test, TellsEndpointsOfHttpGroupsWhoTheClientIs) {
  OneGroup::start(1);
  TargetGroup options;
  options.proxy_protocol = "v2";
  plane->set_group("api", options, {endpoints[0]});
  plane->publish();
  TestPeer client = plane->connect();
  client.send(kGet);

  TestPeer endpoint = host().accept();
  const net::ProxyParse parse = net::parse_proxy_header(endpoint.read(28));
  ASSERT_EQ(parse.kind, net::ProxyParse::Kind::done);
  EXPECT_EQ(parse.header.destination.to_string(), plane->address("web").to_string());
  EXPECT_TRUE(endpoint.read_head().starts_with("GET / "));
  endpoint.send(kOk);
  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(endpoint.end(), End::proper);  // it is nobody else's
}

// ---------------------------------------------------------------- datagrams

class UdpTest : public OneGroup {
 protected:
  void start(TargetGroup options = {}) {
    server = net::bind_datagrams(net::parse_address("127.0.0.1:0").value(), false).value();
    plane = std::make_unique<TestPlane>(1, hooks);
    endpoints.push_back(plane->endpoint(net::local_address(server.get()).to_string()));
    options.protocol = "udp";
    plane->set_group("api", std::move(options), {endpoints[0]});
    listener.protocol = "udp";
    listener.default_action = Forward{{Forward::Share{"api", 1}}};
    plane->set_listener("udp", listener);
    plane->publish();
  }
  net::Fd connect() {
    net::Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const net::Address address = plane->address("udp");
    EXPECT_EQ(::connect(fd.get(), address.data(), address.length()), 0);
    return fd;
  }
  static void send(const net::Fd& fd, std::string_view text) {
    EXPECT_EQ(::send(fd.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  // "" where nothing comes.
  static std::string receive(const net::Fd& fd, sockaddr_in* from = nullptr) {
    pollfd wait{fd.get(), POLLIN, 0};
    if (::poll(&wait, 1, kPatienceMs) != 1) return "";
    char buffer[2000];
    socklen_t length = sizeof *from;
    const ssize_t n = ::recvfrom(fd.get(), buffer, sizeof buffer, 0,
                                 reinterpret_cast<sockaddr*>(from), from ? &length : nullptr);
    return n < 0 ? "" : std::string(buffer, static_cast<std::size_t>(n));
  }
  std::uint32_t in_flight() { return endpoints[0]->load->in_flight; }

  Listener listener;
  net::Fd server;
};

TEST_F(UdpTest, PassesDatagramsOnInAFlowThatEndsInSilence) {
  listener.limits.udp_idle = 100ms;
  start();
  const net::Fd client = connect();
  send(client, "ask");
  sockaddr_in flow{};
  EXPECT_EQ(receive(server, &flow), "ask");
  EXPECT_EQ(in_flight(), 1u);

  ::sendto(server.get(), "answer", 6, 0, reinterpret_cast<sockaddr*>(&flow), sizeof flow);

  EXPECT_EQ(receive(client), "answer");
  EXPECT_TRUE(eventually([&] { return in_flight() == 0; }));
  EXPECT_EQ(plane->total(metrics::l4_ended_total, {"udp", "api", "proper"}), 1u);
}

TEST_F(UdpTest, HoldsDatagramsUntilThereIsAnEndpoint) {
  TargetGroup options;
  options.max_in_flight = 1;
  start(options);
  const net::Fd first = connect(), second = connect();
  send(first, "first");
  EXPECT_EQ(receive(server), "first");
  for (int i = 0; i < 20; ++i) send(second, std::to_string(i));
  ASSERT_TRUE(eventually(
      [&] { return plane->total(metrics::datagrams_dropped_total, {"udp", "waiting"}) == 4; }));

  options.protocol = "udp";
  options.max_in_flight = 2;
  plane->set_group("api", options, {endpoints[0]});
  plane->publish();

  for (int i = 0; i < 16; ++i) EXPECT_EQ(receive(server), std::to_string(i));
  plane->plane.drain();
}

TEST_F(UdpTest, DrainEndsFlowsAtOnce) {
  start();
  const net::Fd client = connect();
  send(client, "ask");
  EXPECT_EQ(receive(server), "ask");

  plane->plane.drain();

  EXPECT_TRUE(eventually([&] { return plane->connections() == 0 && in_flight() == 0; }));
}

TEST_F(UdpTest, AListenerThatIsGoneTakesItsFlowsWithIt) {
  start();
  const net::Fd client = connect();
  send(client, "ask");
  sockaddr_in flow{};
  EXPECT_EQ(receive(server, &flow), "ask");

  plane->remove_listener("udp");
  plane->publish();

  ::sendto(server.get(), "late", 4, 0, reinterpret_cast<sockaddr*>(&flow), sizeof flow);
  EXPECT_TRUE(eventually([&] { return in_flight() == 0; }));
}

TEST_F(UdpTest, StopEndsFlowsThatWaitAndThoseThatRun) {
  TargetGroup options;
  options.max_in_flight = 1;
  start(options);
  const net::Fd first = connect(), second = connect();
  send(first, "first");
  EXPECT_EQ(receive(server), "first");
  send(second, "second");
  ASSERT_TRUE(eventually([&] { return load().waiting == 1; }));

  plane->plane.stop();

  EXPECT_EQ(in_flight(), 0u);
}

}  // namespace
}  // namespace weir::proxy
