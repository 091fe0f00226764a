// The client goes away, at each stage: upstream is cancelled at once and everything given back.
#include <gtest/gtest.h>

#include "proxy/test_plane.h"

namespace weir::proxy {
namespace {

using End = TestPeer::End;

class ClientGone : public OneGroup {
 protected:
  // How a client goes: with a proper end, or with a reset.
  static void leave(TestPeer& client, bool properly) {
    if (properly) {
      client.close();
    } else {
      client.reset();
    }
  }
  std::uint64_t cancelled() { return plane->total(metrics::cancelled_total, {"api"}); }
};

TEST_F(ClientGone, WhileConnecting) {
  // A listener whose backlog is full: a further connection stays half open.
  const net::Fd full(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  net::Address address = net::parse_address("127.0.0.1:0").value();
  ASSERT_EQ(::bind(full.get(), address.data(), address.length()), 0);
  ASSERT_EQ(::listen(full.get(), 0), 0);
  address = net::local_address(full.get());
  TestPeer filler = TestPeer::connect(address);
  TargetGroup options;
  options.timeouts.connect = 1h;
  start(0);
  const auto endpoint = plane->endpoint(address.to_string());
  plane->set_group("api", options, {endpoint});
  plane->publish();
  TestPeer client = plane->connect();
  client.send(kGet);
  ASSERT_TRUE(eventually([&] { return endpoint->load->connecting == 1; }));

  client.close();

  EXPECT_TRUE(eventually([&] { return cancelled() == 1; }));
  EXPECT_EQ(endpoint->load->failures, 0u);
}

TEST_F(ClientGone, WhileConnectingInTimeOr504) {
  const net::Fd full(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  net::Address address = net::parse_address("127.0.0.1:0").value();
  ASSERT_EQ(::bind(full.get(), address.data(), address.length()), 0);
  ASSERT_EQ(::listen(full.get(), 0), 0);
  address = net::local_address(full.get());
  TestPeer filler = TestPeer::connect(address);
  TargetGroup options;
  options.timeouts.connect = 50ms;
  options.retry.attempts = 1;
  start(0);
  plane->set_group("api", options, {plane->endpoint(address.to_string())});
  plane->publish();
  TestPeer client = plane->connect();

  client.send(kGet);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 504 "));
}

TEST_F(ClientGone, WhileUploading) {
  start(1);
  for (const bool properly : {true, false}) {
    TestPeer client = plane->connect();
    client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\nbegin");
    TestPeer endpoint = host().accept();
    endpoint.read_head();
    endpoint.read(5);

    leave(client, properly);

    EXPECT_EQ(endpoint.end(), End::proper) << properly;
    EXPECT_TRUE(plane->settled());
  }
  EXPECT_TRUE(eventually([&] { return cancelled() == 2; }));
}

TEST_F(ClientGone, WhileTheEndpointDoesNotTakeTheUpload) {
  start(1);
  TestPeer client = plane->connect();
  client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 100000000\r\n\r\n");
  TestPeer endpoint = host().accept();
  client.fill();

  client.reset();

  EXPECT_TRUE(plane->settled());
  endpoint.read_to_end();
  EXPECT_NE(endpoint.met(), End::none);
}

TEST_F(ClientGone, WhileWaitingForTheAnswer) {
  start(1);
  for (const bool properly : {true, false}) {
    TestPeer client = plane->connect();
    client.send(post("question"));
    TestPeer endpoint = host().accept();
    endpoint.read_head();
    endpoint.read(8);

    leave(client, properly);

    EXPECT_EQ(endpoint.end(), End::proper) << properly;
    EXPECT_TRUE(plane->settled());
  }
  EXPECT_TRUE(eventually([&] { return cancelled() == 2; }));
}

TEST_F(ClientGone, InMidStream) {
  start(1);
  for (const bool properly : {true, false}) {
    TestPeer client = plane->connect();
    client.send(kGet);
    TestPeer endpoint = host().accept();
    endpoint.read_head();
    endpoint.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nevent\r\n");
    client.read_head();
    client.read(10);

    leave(client, properly);

    EXPECT_EQ(endpoint.end(), End::proper) << properly;
    EXPECT_TRUE(plane->settled());
  }
  EXPECT_TRUE(eventually([&] { return plane->total(metrics::cut_total, {"api", "client"}) == 2; }));
  EXPECT_EQ(endpoints[0]->load->failures, 0u);
}

TEST_F(ClientGone, WhileItTakesNothing) {
  start(1);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
  endpoint.fill();

  client.reset();

  EXPECT_TRUE(plane->settled());
}

TEST_F(ClientGone, WhileBackingOff) {
  TargetGroup options;
  options.retry.backoff = 1h;
  options.retry.backoff_max = 1h;
  start(1, options);
  TestPeer client = plane->connect();
  client.send(kGet);
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.close();
  ASSERT_TRUE(eventually([&] { return load().in_flight == 0; }));

  client.close();

  EXPECT_TRUE(eventually([&] { return cancelled() == 1; }));
}

TEST_F(ClientGone, FromATunnel) {
  start(1);
  TestPeer client = plane->connect();
  client.send("GET /ws HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  TestPeer endpoint = host().accept();
  endpoint.read_head();
  endpoint.send(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  client.read_head();

  client.reset();

  EXPECT_EQ(endpoint.end(), End::proper);
}

TEST_F(ClientGone, IsNotSaidOfOneThatOnlyEndedItsSideWhereThatIsAllowed) {
  start(1);
  Listener listener;
  listener.default_action = weir::Forward{{weir::Forward::Share{"api", 1}}};
  listener.keep_half_closed = true;
  plane->set_listener("web", listener);
  plane->publish();
  TestPeer client = plane->connect();
  client.send(kGet);
  client.finish();
  TestPeer endpoint = host().accept();
  endpoint.read_head();

  endpoint.send(kOk);

  EXPECT_TRUE(client.read_head().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(client.read(2), "ok");
}

}  // namespace
}  // namespace weir::proxy
